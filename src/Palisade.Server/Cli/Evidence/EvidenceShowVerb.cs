using System.CommandLine;
using System.Globalization;
using Palisade.Evidence.Holds;
using Palisade.Server.Cli.Holds;

namespace Palisade.Server.Cli.Evidence;

internal static class EvidenceShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var argument = EvidenceVerb.Id();
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "show",
            "Show one piece of evidence: its record, every hold on it and on its case, and when it is due. Nothing is opened.",
            "palisade evidence show evd_0123456789abcdef0123456789abcdef") { argument, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (EvidenceVerb.Parse(parsed.GetRequiredValue(argument), terminal) is not { } id)
            {
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var register = records.RegisterOf(await records.LoadRetentionAsync(cancellationToken));
            if (await register.FindAsync(id, cancellationToken) is not { } line)
            {
                terminal.Complain($"There is no evidence {id}. `palisade evidence list` shows what there is.");
                return ExitCode.Error;
            }

            var now = records.Clock.GetUtcNow();
            var holds = line.Record is { } record ? await records.Holds.ListAsync(record, cancellationToken) : [];
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new
                {
                    evidence = EvidenceView.Of(line),
                    holds = holds.Select(one => one.Hold).OfType<Hold>().Select(hold => HoldView.Of(hold, now)),
                });
            }
            else
            {
                Print(EvidenceView.Of(line), holds, now, terminal.Out);
            }

            return line.Fault is null ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }

    private static void Print(EvidenceView line, IReadOnlyList<HoldLine> holds, DateTimeOffset now, TextWriter output)
    {
        output.WriteLine(line.Id);
        Row("case", line.Case);
        Row("state", line.State is { } state ? Words.Of(state) : null);
        Row("bytes", line.SizeBytes?.ToString("#,0", CultureInfo.InvariantCulture));
        Row("sealed", line.SealedSha256 is { } digest ? $"SHA-256 of the sealed file {digest}" : null);
        Row("since", line.AdmittedAt is { } admitted ? MomentOption.Shown(admitted) : null);
        Row("destroyed", line.DestroyedAt is { } destroyed ? MomentOption.Shown(destroyed) : null);
        Row("DAMAGED", line.Fault);
        foreach (var hold in holds.Select(one => one.Hold).OfType<Hold>())
        {
            Row("hold", string.Create(
                CultureInfo.InvariantCulture,
                $"{hold.Number}: {Words.Of(hold.Basis)}, {HoldRule.Of(hold.Basis).Source}, until {MomentOption.Shown(hold.EndsAt)}{(hold.IsActiveAt(now) ? "" : ", over")}"));
        }

        Row("due", line.State != Palisade.Evidence.EvidenceState.Sealed ? null
            : line.DueAt is { } due ? $"{MomentOption.Shown(due)} once nothing holds it: {line.DueBy}"
            : "nothing asks for its destruction");

        void Row(string label, string? value)
        {
            if (value is not null)
            {
                output.WriteLine($"  {label,-9} {Terminal.Escaped(value)}");
            }
        }
    }
}
