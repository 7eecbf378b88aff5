using System.CommandLine;
using Palisade.Review;

namespace Palisade.Server.Cli.Cases;

internal static class CaseDecideVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = CaseArgument.Create();
        var outcome = Words.Option<CaseOutcome>("--outcome", "What it is");
        outcome.Required = true;
        var novelty = Words.Option<ContentNovelty>("--novelty", "Whether the material was known before");
        var origin = Words.Option<ContentOrigin>("--origin", "How it was made, as far as anybody looked");
        var action = Words.Option<PlatformAction>(
            "--action", "What the platform is to do; usually remove what is reportable or intimate, and release the rest");
        var reason = new Option<string>("--reason") { Description = "Why; kept sealed with the case", HelpName = "TEXT", Required = true };
        var type = new Option<string?>("--incident-type")
        {
            Description = $"For the report: {string.Join(", ", ReportWords.IncidentTypes)}",
            HelpName = "WORD",
        };
        var rank = new Option<string?>("--classification")
        {
            Description = $"For the report: {string.Join(", ", ReportWords.Classifications)}",
            HelpName = "WORD",
        };
        var annotations = new Option<string[]>("--annotation")
        {
            Description = $"For the report, may be repeated: {string.Join(", ", ReportWords.ReportAnnotations.Concat(ReportWords.FileAnnotations))}",
            HelpName = "WORD",
        };
        var threat = new Option<bool>("--threat-to-life")
        {
            Description = "A life is in danger: effective at once, and the report is escalated with your reason",
        };
        var uploads = new Option<long?>("--uploads")
        {
            Description = "How many uploads you saw; refused when more have joined since",
            HelpName = "NUMBER",
        };
        var verb = new Verb(
            "decide",
            "Record what a case is. It takes effect after the undo time (10 seconds); until then `palisade case undo` takes it back and nothing leaves.",
            "palisade case decide 17 --outcome benign --reason \"a harbour at dusk, nothing else\"",
            "palisade case decide 18 --outcome apparent-abuse-material --novelty new --classification B2 --reason \"seen at full size\"")
        { name, outcome, novelty, origin, action, reason, type, rank, annotations, threat, uploads };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await CaseArgument.FindAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } found)
            {
                return ExitCode.Error;
            }

            var words = parsed.GetValue(annotations) ?? [];
            var hasFacts = parsed.GetValue(type) is not null || parsed.GetValue(rank) is not null || words.Length > 0;
            var request = new DecisionRequest
            {
                Outcome = parsed.GetValue(outcome)!.Value,
                Novelty = parsed.GetValue(novelty),
                Origin = parsed.GetValue(origin) ?? ContentOrigin.NotEvaluated,
                Report = hasFacts ? new ReportFacts(parsed.GetValue(type), parsed.GetValue(rank), words) : null,
                ThreatToLife = parsed.GetValue(threat),
                Action = parsed.GetValue(action),
                Reason = parsed.GetRequiredValue(reason),
                SeenUploads = parsed.GetValue(uploads),
            };
            return CaseArgument.Answer(
                await records.Cases.DecideAsync(found.Id, request, DataFolder.Me, cancellationToken),
                terminal,
                record => request switch
                {
                    { Outcome: CaseOutcome.SecondLook } => $"Case {record.Number} waits for another person.",
                    { ThreatToLife: true } => $"Decided case {record.Number}; it is effective now.",
                    _ => $"Decided case {record.Number}: effective in {records.Options.Review.UndoWithin.TotalSeconds:0.#} seconds while the server runs. palisade case undo {record.Number} takes it back.",
                });
        });
        return verb;
    }
}
