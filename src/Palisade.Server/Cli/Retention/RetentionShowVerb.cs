using System.CommandLine;
using Palisade.Evidence.Holds.Retention;

namespace Palisade.Server.Cli.Retention;

internal static class RetentionShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object, with every class that a surface can name" };
        var verb = new Verb("show", "Show the laws and terms of each surface, and what excludes what.", "palisade retention show")
        {
            ExitCodes = "0 settled, 2 two laws exclude each other and nobody has recorded which governs",
        };
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var book = await records.LoadRetentionAsync(cancellationToken);
            var choices = await records.RetentionChoices.ListAsync(cancellationToken);
            var unsettled = book.Unsettled(choices);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new
                {
                    surfaces = book.Surfaces.Select(surface => new
                    {
                        name = surface.Surface,
                        classes = surface.Classes.Select(one => one.Name),
                        destroyAfter = surface.Wanted.ToDictionary(pair => Words.Of(pair.Key), pair => pair.Value.Text, StringComparer.Ordinal),
                    }),
                    classes = book.Classes.ToDictionary(pair => pair.Key, pair => ClassView.Of(pair.Value), StringComparer.Ordinal),
                    choices,
                    unsettled = unsettled.Select(conflict => conflict.ToString()),
                });
            }
            else
            {
                foreach (var surface in book.Surfaces)
                {
                    Print(surface, choices, terminal.Out);
                }
            }

            foreach (var conflict in unsettled)
            {
                terminal.Complain(conflict.ToString());
            }

            return unsettled.Count == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    private static void Print(SurfaceRetention surface, IReadOnlyList<RetentionChoice> choices, TextWriter output)
    {
        output.WriteLine(surface.Surface == RetentionBook.EverySurface ? "every surface that is not named" : surface.Surface);
        output.WriteLine($"  laws           {string.Join(", ", surface.Classes.Select(one => one.Title))}");
        foreach (var about in Enum.GetValues<RetainedAs>())
        {
            var rules = surface.Classes.SelectMany(one => one.Rules).Where(rule => rule.About == about).Select(rule => rule.ToString()).ToList();
            var wanted = surface.Wanted.TryGetValue(about, out var term) ? $"destroyed after {term.Text} when nothing holds it"
                : about == RetainedAs.ReportReference ? "kept"
                : "not destroyed by policy";
            output.WriteLine($"  {Words.Of(about),-14} {wanted}{(rules.Count > 0 ? $"; the law: {string.Join(", ", rules)}" : "")}");
        }

        foreach (var choice in choices.Where(choice => choice.Surface == surface.Surface))
        {
            output.WriteLine($"  chosen         {choice.Governs} over {choice.PassedOver}, {choice.ChosenAt:yyyy-MM-dd} by {Terminal.Escaped(choice.By)}: {Terminal.Escaped(choice.Reason)}");
        }
    }

    /// <summary>A class in the form that retention.json takes.</summary>
    private sealed record ClassView(string Title, string? Note, IEnumerable<RuleView> Rules)
    {
        public static ClassView Of(RetentionClass one) => new(
            one.Title, one.Note, one.Rules.Select(rule => new RuleView(rule.About, rule.Kind, rule.Term.Text, rule.Source)));
    }

    private sealed record RuleView(RetainedAs About, RetentionKind Kind, string Term, string Source);
}
