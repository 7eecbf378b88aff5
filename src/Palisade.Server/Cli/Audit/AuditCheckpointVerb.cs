using System.CommandLine;
using Palisade.Audit;

namespace Palisade.Server.Cli.Audit;

internal static class AuditCheckpointVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "checkpoint",
            "Sign everything up to now and print the checkpoint: keep it elsewhere, and nobody can rewrite what came before.",
            "palisade audit checkpoint")
        {
            json,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var last = await records.Audit.LastNumberAsync(cancellationToken);
            if (await CoverAsync(records, last, terminal, cancellationToken) is not { } checkpoint)
            {
                return ExitCode.Error;
            }

            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new { size = checkpoint.Size, checkpoint = checkpoint.Note, key = records.Sequencer.PublicKey!.ToString() });
            }
            else
            {
                terminal.Out.Write(checkpoint.Note);
                terminal.Error.WriteLine($"{checkpoint.Size} entries. The key that checks it is in {LogKeyFile(records)}.");
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>A checkpoint over an entry; null, having said why, when there is none.</summary>
    internal static async Task<(long Size, string Note)?> CoverAsync(
        Installation records, long number, Terminal terminal, CancellationToken cancellationToken)
    {
        switch (await records.Sequencer.CoverAsync(number, cancellationToken))
        {
            case SigningOutcome.Published published:
                await records.Sequencer.HandOverAsync();
                return (published.Size, published.Note);

            case SigningOutcome.Unchanged { Size: 0 }:
                terminal.Complain("The audit log has no entry yet.");
                await records.Sequencer.HandOverAsync();
                return null;

            case SigningOutcome.Unchanged unchanged:
                await records.Sequencer.HandOverAsync();
                return (unchanged.Size, unchanged.Note);

            case SigningOutcome.Refused refused:
                terminal.Complain(refused.Fault.Explanation);
                return null;

            default:
                terminal.Complain("Another copy of Palisade signs this log and did not do so within 15 seconds. Look at its log lines.");
                return null;
        }
    }

    private static string LogKeyFile(Installation records) =>
        Path.Combine(Path.GetFullPath(records.Options.Data), AuditSequencer.PublicKeyFileName);
}
