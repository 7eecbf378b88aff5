using System.Text.Json;
using System.Text.Json.Serialization;
using Palisade.Storage;

namespace Palisade.Evidence.Holds.Retention;

/// <summary>Turns retention.json into surfaces with their classes and terms, and collects every complaint on the way.</summary>
internal sealed class RetentionReading
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public static IReadOnlyDictionary<string, RetentionClass> Shipped { get; } = ReadShipped();

    /// <returns>Null when something has to be changed.</returns>
    public RetentionBook? Read(string text)
    {
        try
        {
            var file = JsonSerializer.Deserialize<FileNode>(text, Options);
            return file is null ? Refuse("The file is empty. Delete it, and the default is written again.") : Read(file);
        }
        catch (JsonException exception)
        {
            return Refuse(FormattableString.Invariant(
                $"line {(exception.LineNumber ?? 0) + 1}, {exception.Path ?? "$"}: this is not what is expected here. {Explained(exception)}"));
        }
    }

    private RetentionBook? Read(FileNode file)
    {
        var classes = new Dictionary<string, RetentionClass>(Shipped, StringComparer.Ordinal);
        foreach (var (name, node) in file.Classes ?? [])
        {
            classes[name] = Class(name, node);
        }

        var usual = Surface(RetentionBook.EverySurface, file.Defaults, [], new Dictionary<RetainedAs, RetentionTerm>(), classes);
        var surfaces = (file.Surfaces ?? []).ToDictionary(
            pair => pair.Key,
            pair => Surface(pair.Key, pair.Value, usual.Classes, usual.Wanted, classes),
            StringComparer.Ordinal);
        return _problems.Count == 0 ? new RetentionBook(usual, surfaces, classes) : null;
    }

    private RetentionClass Class(string name, ClassNode node) => new(
        name, node.Title, node.Note, [.. node.Rules.Select((rule, i) => Rule(name, i, rule)).OfType<RetentionRule>()]);

    private RetentionRule? Rule(string name, int index, RuleNode node)
    {
        var place = FormattableString.Invariant($"classes.{name}.rules[{index}]");
        if (string.IsNullOrWhiteSpace(node.Source))
        {
            _problems.Add($"{place}: name the source, so that a person can look the duty up.");
        }

        return Term($"{place}.term", node.Term) is { } term ? new RetentionRule(name, node.About, node.Kind, term, node.Source) : null;
    }

    private SurfaceRetention Surface(
        string name,
        SurfaceNode node,
        IReadOnlyList<RetentionClass> usualClasses,
        IReadOnlyDictionary<RetainedAs, RetentionTerm> usualTerms,
        Dictionary<string, RetentionClass> classes)
    {
        var chosen = new List<RetentionClass>();
        foreach (var word in node.Classes ?? [])
        {
            if (classes.TryGetValue(word, out var known))
            {
                chosen.Add(known);
            }
            else
            {
                _problems.Add($"{name}.classes: '{word}' is no class. Those known are {string.Join(", ", classes.Keys)}.");
            }
        }

        var terms = new Dictionary<RetainedAs, RetentionTerm>(usualTerms);
        foreach (var (word, text) in node.DestroyAfter ?? [])
        {
            var place = $"{name}.destroyAfter.{word}";
            if (!Words.TryParse<RetainedAs>(word, out var about) || about == RetainedAs.ReportReference)
            {
                _problems.Add($"{place}: this may be one of undecided, not-confirmed, acted-upon, reported.");
            }
            else if (text == "never")
            {
                terms.Remove(about);
            }
            else if (Term(place, text) is { } term)
            {
                terms[about] = term;
            }
        }

        return new SurfaceRetention(name, node.Classes is null ? usualClasses : chosen, terms);
    }

    private RetentionTerm? Term(string place, string text)
    {
        if (RetentionTerm.TryParse(text, out var term))
        {
            return term;
        }

        _problems.Add($"{place}: '{text}' is no term. Write \"30 days\", \"1 year\" or the like.");
        return null;
    }

    private RetentionBook? Refuse(string problem)
    {
        _problems.Add(problem);
        return null;
    }

    /// <summary>The reader's own words without the place, which stands before them already.</summary>
    private static string Explained(JsonException exception) =>
        exception.Message.Split(" Path:", 2)[0];

    private static Dictionary<string, RetentionClass> ReadShipped()
    {
        using var resource = typeof(RetentionReading).Assembly.GetManifestResourceStream("retention-classes.json")!;
        var nodes = JsonSerializer.Deserialize<Dictionary<string, ClassNode>>(resource, Options)!;
        var reading = new RetentionReading();
        var classes = nodes.ToDictionary(pair => pair.Key, pair => reading.Class(pair.Key, pair.Value), StringComparer.Ordinal);
        return reading.Problems.Count == 0 ? classes : throw new InvalidDataException(string.Join(' ', reading.Problems));
    }

    private sealed record FileNode(SurfaceNode Defaults)
    {
        public Dictionary<string, SurfaceNode>? Surfaces { get; init; }

        public Dictionary<string, ClassNode>? Classes { get; init; }
    }

    private sealed record SurfaceNode
    {
        public IReadOnlyList<string>? Classes { get; init; }

        public Dictionary<string, string>? DestroyAfter { get; init; }
    }

    private sealed record ClassNode(string Title, IReadOnlyList<RuleNode> Rules)
    {
        public string? Note { get; init; }
    }

    private sealed record RuleNode(RetainedAs About, RetentionKind Kind, string Term, string Source);
}
