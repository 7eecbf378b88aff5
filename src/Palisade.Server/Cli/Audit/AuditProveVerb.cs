using System.CommandLine;
using Palisade.Audit;

namespace Palisade.Server.Cli.Audit;

internal static class AuditProveVerb
{
    public static Command Create(Terminal terminal)
    {
        var numbers = new Argument<long[]>("NUMBER") { Description = "Entries, as audit list shows them", Arity = ArgumentArity.OneOrMore };
        var folder = new Option<string?>("--out")
        {
            Description = "Write entries, proofs, checkpoint, key and verifier into this folder [default: print one entry's proof]",
            HelpName = "FOLDER",
        };
        var earlier = new Option<string[]>("--earlier")
        {
            Description = "Files with checkpoints noted before; each is proved to be this log's beginning",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "FILE",
        };
        var verb = new Verb(
            "prove",
            "Prove entries of the audit log to somebody who has nothing but the log's public key.",
            "palisade audit prove 41 42 --out proof",
            "palisade audit prove 42")
        {
            numbers, folder, earlier,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var wanted = parsed.GetRequiredValue(numbers);
            var last = await records.Audit.LastNumberAsync(cancellationToken);
            if (wanted.Any(number => number < 1 || number > last))
            {
                terminal.Complain($"The log's entries are numbered from 1 to {last}.");
                return ExitCode.Error;
            }

            if (parsed.GetValue(folder) is null && wanted.Length > 1)
            {
                terminal.Complain("Name a folder with --out for the proofs of several entries.");
                return ExitCode.Error;
            }

            if (await AuditCheckpointVerb.CoverAsync(records, wanted.Max(), terminal, cancellationToken) is not { } checkpoint)
            {
                return ExitCode.Error;
            }

            if (parsed.GetValue(folder) is not { } target)
            {
                terminal.Out.Write(ProofBundle.WriteProof(records.Sequencer, checkpoint.Note, wanted[0]));
                return ExitCode.Ok;
            }

            var older = new List<string>();
            foreach (var file in parsed.GetValue(earlier) ?? [])
            {
                older.Add(await File.ReadAllTextAsync(file, cancellationToken));
            }

            await ProofBundle.WriteAsync(target, records.Sequencer, checkpoint.Note, wanted, older, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(target, ProofBundle.VerifierName), ProofBundle.ReadVerifier(), cancellationToken);
            terminal.Out.WriteLine($"{target} holds {wanted.Distinct().Count()} of {checkpoint.Size} entries. Check it: python3 {Path.Combine(target, ProofBundle.VerifierName)} {target}");
            return ExitCode.Ok;
        });
        return verb;
    }
}
