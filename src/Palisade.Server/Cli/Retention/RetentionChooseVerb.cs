using System.CommandLine;

namespace Palisade.Server.Cli.Retention;

internal static class RetentionChooseVerb
{
    public static Command Create(Terminal terminal)
    {
        var surface = new Argument<string>("SURFACE") { Description = "The surface as retention.json names it, or defaults" };
        var governs = new Argument<string>("CLASS") { Description = "The class whose duty is kept" };
        var over = new Option<string>("--over") { Description = "The class whose duty is passed over", HelpName = "CLASS", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why, and who advised it; kept sealed", HelpName = "TEXT", Required = true };
        var verb = new Verb(
            "choose",
            "Record which of two laws that exclude each other governs a surface. It is on the audit log, and holds never become shorter by it.",
            "palisade retention choose chat-images us --over eu-messages --reason \"counsel, 3 March: the report's duty governs\"")
        {
            surface, governs, over, reason,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var book = await records.LoadRetentionAsync(cancellationToken);
            var (place, kept, passed) = (parsed.GetRequiredValue(surface), parsed.GetRequiredValue(governs), parsed.GetRequiredValue(over));
            var conflicts = book.Surfaces.Where(one => one.Surface == place).SelectMany(one => one.Conflicts)
                .Where(conflict => (conflict.Shortest.ClassName, conflict.Longest.ClassName) == (kept, passed) ||
                                   (conflict.Shortest.ClassName, conflict.Longest.ClassName) == (passed, kept))
                .ToList();
            if (conflicts.Count == 0)
            {
                terminal.Complain($"'{kept}' and '{passed}' do not exclude each other on the surface '{place}', so there is nothing to choose. `palisade retention show` names what does.");
                return ExitCode.Error;
            }

            foreach (var conflict in conflicts)
            {
                var rule = conflict.Shortest.ClassName == kept ? conflict.Shortest : conflict.Longest;
                if (await records.RetentionChoices.RecordAsync(conflict, rule, parsed.GetRequiredValue(reason), DataFolder.Me, cancellationToken) is { } refusal)
                {
                    terminal.Complain(refusal);
                    return ExitCode.Error;
                }

                terminal.Out.WriteLine($"On {place}, {rule} governs. Recorded on the audit log; it takes effect at the next start.");
            }

            return ExitCode.Ok;
        });
        return verb;
    }
}
