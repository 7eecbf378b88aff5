using Palisade.Banks;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Policy;

/// <summary>Turns the policy file's JSON into policies, and collects every complaint on the way.</summary>
internal sealed class PolicyReading
{
    private static readonly string[] SettingNames =
        ["banks", "exact", "near", "undecodable", "refused", "orientations", "profiles"];

    /// <summary>Settings that a file may leave out: files from before there were regions have none.</summary>
    private static readonly string[] AllNames = [.. SettingNames, "regions", "possible"];

    private readonly List<PolicyProblem> _problems = [];
    private readonly List<PolicyBook.NamedBank> _namedBanks = [];

    internal IReadOnlyList<PolicyProblem> Problems => _problems;

    internal PolicyBook? Book(PolicyNode root)
    {
        if (root is not PolicyNode.Map file)
        {
            Complain(root.Line, "", "The file must be one object with \"defaults\" and \"services\".");
            return null;
        }

        CheckNames(file, "", ["defaults", "services"], "setting");
        var defaults = Section(file, "defaults", "Add it: it says what every service does unless it says otherwise.");
        var services = Section(file, "services", "Add it with at least one service, such as \"avatars\": {}.");
        if (defaults is null || services is null)
        {
            return null;
        }

        CheckNames(defaults, "defaults", AllNames, "setting");
        CheckDefaultsAreWhole(defaults);
        if (services.Members.Count == 0)
        {
            Complain(services.Line, "services", "No service is named. Add at least one, such as \"avatars\": {}.");
        }

        CheckNames(services, "services", allowed: null, "service");
        var policies = new List<ServicePolicy>();
        foreach (var service in services.Members)
        {
            if (Policy(service, defaults) is { } policy)
            {
                policies.Add(policy);
            }
        }

        // A default is read once for every service, so the same complaint may have come up several times.
        var distinct = _problems.Distinct().OrderBy(problem => problem.Line).ToList();
        _problems.Clear();
        _problems.AddRange(distinct);
        return _problems.Count == 0 ? new PolicyBook(policies, [.. _namedBanks.Distinct()]) : null;
    }

    private ServicePolicy? Policy(PolicyNode.Member service, PolicyNode.Map defaults)
    {
        var place = $"services.{service.Name}";
        if (!IsServiceName(service.Name))
        {
            Complain(service.Line, place, "A service's name is 1 to 64 of a-z, 0-9 and '-', such as \"chat-images\".");
        }

        if (service.Value is not PolicyNode.Map own)
        {
            Complain(service.Line, place, "A service is an object; write {} to take all defaults.");
            return null;
        }

        CheckNames(own, place, AllNames, "setting");
        return new ServicePolicy
        {
            Service = service.Name,
            Banks = Read("banks", Banks) ?? new BankSelection(),
            Exact = Rules("exact"),
            Near = Rules("near"),
            Undecodable = Read("undecodable", Action) ?? VerdictAction.Hold,
            Refused = Read("refused", Action) ?? VerdictAction.Hold,
            AllOrientations = Read("orientations", (node, at) => Word(node, at, PolicyWords.Orientations)) ?? false,
            Profiles = Read("profiles", Profiles) ?? [PdqProfile.Full],
            Regions = Read("regions", (node, at) => Word(node, at, PolicyWords.Regions)) ?? RegionMode.Off,
            Possible = Read("possible", PossibleAction) ?? VerdictAction.Allow,
        };

        T? Read<T>(string name, Func<PolicyNode, string, T?> read)
        {
            var member = Member(own, name);
            return member is not null
                ? read(member.Value, $"{place}.{name}")
                : Member(defaults, name) is { } inherited ? read(inherited.Value, $"defaults.{name}") : default;
        }

        Dictionary<BankPurpose, VerdictAction> Rules(string name)
        {
            var rules = new Dictionary<BankPurpose, VerdictAction>
            {
                // Never leads to anything, and a table without holes cannot fail while an upload waits.
                [BankPurpose.NeverMatch] = VerdictAction.Allow,
            };
            AddRules(Member(defaults, name), $"defaults.{name}", rules);
            AddRules(Member(own, name), $"{place}.{name}", rules);
            return rules;
        }
    }

    private void CheckDefaultsAreWhole(PolicyNode.Map defaults)
    {
        foreach (var name in SettingNames.Where(name => Member(defaults, name) is null))
        {
            Complain(defaults.Line, "defaults", $"\"{name}\" is missing. Add it, so that each service has one.");
        }

        foreach (var name in new[] { "exact", "near" })
        {
            if (Member(defaults, name) is { Value: PolicyNode.Map rules })
            {
                foreach (var purpose in PolicyWords.Purposes.Where(pair => pair.Value != BankPurpose.NeverMatch))
                {
                    if (Member(rules, purpose.Key) is null)
                    {
                        Complain(
                            rules.Line,
                            $"defaults.{name}",
                            $"\"{purpose.Key}\" is missing. Add it with allow, hold or block, such as \"hold\".");
                    }
                }
            }
        }
    }

    private void AddRules(PolicyNode.Member? member, string place, Dictionary<BankPurpose, VerdictAction> rules)
    {
        if (member is null)
        {
            return;
        }

        if (member.Value is not PolicyNode.Map map)
        {
            Complain(member.Line, place, "Write an object of purposes and actions, such as { \"known-material\": \"hold\" }.");
            return;
        }

        CheckNames(map, place, [.. PolicyWords.Purposes.Keys], "purpose");
        foreach (var rule in map.Members)
        {
            if (rule.Name == Words.Of(BankPurpose.NeverMatch))
            {
                Complain(rule.Line, place, "A never-match bank takes matches away and leads to no action. Take this line out.");
            }
            else if (PolicyWords.Purposes.TryGetValue(rule.Name, out var purpose) &&
                     Action(rule.Value, $"{place}.{rule.Name}") is { } action)
            {
                rules[purpose] = action;
            }
        }
    }

    private BankSelection? Banks(PolicyNode node, string place)
    {
        var purposes = new HashSet<BankPurpose>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var isEveryBank = false;
        foreach (var text in Texts(node, place, "Write a list of banks, such as [\"*\"]."))
        {
            if (text.Value == BankSelection.EveryBank)
            {
                isEveryBank = true;
            }
            else if (text.Value.StartsWith(BankSelection.PurposePrefix, StringComparison.Ordinal))
            {
                var word = new PolicyNode.Text(text.Line, text.Value[BankSelection.PurposePrefix.Length..]);
                if (Word(word, place, PolicyWords.Purposes) is { } purpose)
                {
                    purposes.Add(purpose);
                }
            }
            else
            {
                names.Add(text.Value);
                _namedBanks.Add(new PolicyBook.NamedBank(text.Value, text.Line, place));
            }
        }

        return new BankSelection { IsEveryBank = isEveryBank, Purposes = purposes, Names = names };
    }

    private List<PdqProfile>? Profiles(PolicyNode node, string place)
    {
        var profiles = Texts(node, place, "Write a list of profiles, such as [\"full\"].")
            .Select(text => Word(text, place, PolicyWords.Profiles))
            .OfType<PdqProfile>()
            .Distinct()
            .ToList();
        if (node is PolicyNode.Sequence { Items.Count: 0 })
        {
            Complain(node.Line, place, "No profile is named, so nothing would be compared. Write [\"full\"].");
        }

        return profiles;
    }

    private VerdictAction? PossibleAction(PolicyNode node, string place)
    {
        var action = Action(node, place);
        if (action == VerdictAction.Block)
        {
            Complain(node.Line, place, "A possible match is for a person to judge. Write \"hold\", or \"allow\" to record it only.");
        }

        return action;
    }

    private VerdictAction? Action(PolicyNode node, string place) => Word(node, place, PolicyWords.Actions);

    private T? Word<T>(PolicyNode node, string place, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (node is PolicyNode.Text text && words.TryGetValue(text.Value, out var value))
        {
            return value;
        }

        var given = node is PolicyNode.Text { Value: var word } ? $"'{word}' is not known here. " : "";
        Complain(node.Line, place, $"{given}Write one of {string.Join(", ", words.Keys.Select(known => $"\"{known}\""))}.");
        return null;
    }

    private List<PolicyNode.Text> Texts(PolicyNode node, string place, string advice)
    {
        if (node is PolicyNode.Sequence sequence && sequence.Items.All(item => item is PolicyNode.Text))
        {
            return [.. sequence.Items.Cast<PolicyNode.Text>()];
        }

        Complain(node.Line, place, advice);
        return [];
    }

    private void CheckNames(PolicyNode.Map map, string place, string[]? allowed, string noun)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in map.Members)
        {
            if (allowed is not null && !allowed.Contains(member.Name))
            {
                Complain(
                    member.Line, place, $"'{member.Name}' is no {noun}. It may be one of: {string.Join(", ", allowed)}.");
            }

            if (!seen.Add(member.Name))
            {
                Complain(member.Line, place, $"The {noun} '{member.Name}' stands here twice. Keep one.");
            }
        }
    }

    private PolicyNode.Map? Section(PolicyNode.Map file, string name, string advice)
    {
        switch (Member(file, name))
        {
            case null:
                Complain(file.Line, "", $"\"{name}\" is missing. {advice}");
                return null;
            case { Value: PolicyNode.Map section }:
                return section;
            case var other:
                Complain(other.Line, name, "This must be an object in braces.");
                return null;
        }
    }

    private static PolicyNode.Member? Member(PolicyNode.Map map, string name) =>
        map.Members.FirstOrDefault(member => member.Name == name);

    private static bool IsServiceName(string name) =>
        name.Length is >= 1 and <= 64 && name.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    private void Complain(int line, string place, string message) => _problems.Add(new PolicyProblem(line, place, message));
}
