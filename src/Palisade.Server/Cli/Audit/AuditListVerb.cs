using System.CommandLine;
using System.Globalization;
using Palisade.Audit;

namespace Palisade.Server.Cli.Audit;

internal static class AuditListVerb
{
    private const int PageSize = 1000;

    public static Command Create(Terminal terminal)
    {
        var action = new Option<string?>("--action") { Description = "An action, or the beginning of some: bank.", HelpName = "ACTION" };
        var actor = new Option<string?>("--actor")
        {
            Description = "Who: a pseudonym, or a name as in cli:anna or key:12",
            HelpName = "ACTOR",
        };
        var subject = new Option<string?>("--subject") { Description = "What it was done to, as in bank/3", HelpName = "SUBJECT" };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Not before this time (UTC unless it has an offset)", HelpName = "TIME" };
        var until = new Option<DateTimeOffset?>("--until") { Description = "Before this time", HelpName = "TIME" };
        var last = new Option<int>("--last") { Description = "The newest so many; 0 means all", DefaultValueFactory = _ => 50, HelpName = "NUMBER" };
        var names = new Option<bool>("--names") { Description = "Show who is behind the pseudonyms; this is put on the log" };
        var reason = new Option<string?>("--reason") { Description = "Why the names are wanted, for the log", HelpName = "TEXT" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var verb = new Verb(
            "list",
            "List entries of the audit log, oldest first.",
            "palisade audit list --subject bank/3 --last 0",
            "palisade audit list --actor cli:anna --from 2027-03-01 --json")
        {
            action, actor, subject, from, until, last, names, reason, json,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var filter = new AuditFilter
            {
                Action = parsed.GetValue(action),
                Actor = parsed.GetValue(actor) is { } who ? PseudonymOf(records.Audit, who) : null,
                Subject = parsed.GetValue(subject),
                From = parsed.GetValue(from),
                Until = parsed.GetValue(until),
            };
            var known = parsed.GetValue(names)
                ? await records.Audit.RevealNamesAsync(DataFolder.Me, parsed.GetValue(reason), cancellationToken)
                : new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in await NewestAsync(records.Audit, filter, parsed.GetValue(last), cancellationToken))
            {
                var name = known.GetValueOrDefault(entry.Actor);
                if (parsed.GetValue(json))
                {
                    terminal.Out.WriteJsonLine(EntryLine.Of(entry, name));
                }
                else
                {
                    terminal.Out.WriteLine(Line(entry, name));
                }
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>A whole log is read back page by page, and shown from its beginning.</summary>
    private static async Task<IEnumerable<AuditRecord>> NewestAsync(
        AuditLog audit, AuditFilter filter, int last, CancellationToken cancellationToken)
    {
        if (last > 0)
        {
            return await audit.ListAsync(filter, last, cancellationToken);
        }

        var pages = new Stack<IReadOnlyList<AuditRecord>>();
        while (await audit.ListAsync(filter, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            pages.Push(page);
            filter = filter with { Before = page[0].Number };
        }

        return pages.SelectMany(page => page);
    }

    private static string PseudonymOf(AuditLog audit, string who) =>
        who.StartsWith("act_", StringComparison.Ordinal) ? who : audit.Actors.PseudonymOf(Actor.Named(who));

    private static string Line(AuditRecord entry, string? name) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Number,8}  {entry.At:yyyy-MM-dd HH:mm:ss}  {entry.Action,-22} {Terminal.Escaped(name ?? entry.Actor[..12]),-14} {entry.Subject,-28} {Terminal.Escaped(entry.Reason ?? "")}").TrimEnd();
}

/// <summary>An entry as JSON tells it.</summary>
internal sealed record EntryLine(
    long Number, DateTimeOffset At, string Action, string Actor, string? Name, string Subject, string? Reason, string? Digest, long? ResultOf)
{
    public static EntryLine Of(AuditRecord entry, string? name) => new(
        entry.Number, entry.At, entry.Action, entry.Actor, name, entry.Subject, entry.Reason,
        entry.Digest is { } digest ? Convert.ToHexStringLower(digest) : null, entry.ResultOf);
}
