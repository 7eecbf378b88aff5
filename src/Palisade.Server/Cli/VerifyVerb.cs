using System.CommandLine;
using System.Globalization;
using Palisade.Audit;
using Palisade.Evidence.Custody;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;
using Palisade.Verification;

namespace Palisade.Server.Cli;

/// <summary><c>palisade verify</c>: reads everything that is stored, and names what is not as it was written.</summary>
internal static class VerifyVerb
{
    public static Command Create(Terminal terminal)
    {
        var packet = new Option<string?>("--packet") { Description = "Check this custody packet instead; needs no data folder", HelpName = "FILE" };
        var key = new Option<string?>("--key") { Description = "With --packet: the log's public key as you got it by another way", HelpName = "FILE" };
        var tags = new Option<bool>("--tags") { Description = "Also open every piece of evidence, so that each tag is checked; asks for the operator's key" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line: each finding, then the report" };
        var verb = new Verb(
            "verify",
            "Read every record, every piece of evidence and the whole audit log, and name each item that is damaged, missing or extra. " +
            "Never writes, and may run beside the service.",
            "palisade verify",
            "palisade verify --data /var/lib/palisade --json",
            "palisade verify --packet case-17.zip --key their-log-key.txt")
        {
            ExitCodes = "0 all is as it was written, 1 something is not, 2 it could not be examined",
        };
        verb.Add(packet);
        verb.Add(key);
        verb.Add(tags);
        verb.Add(json);
        var secret = SecretInput.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(packet) is { } file)
            {
                return CheckPacket(file, parsed.GetValue(key), parsed.GetValue(json), terminal);
            }

            OperatorSecret? given = null;
            if (parsed.GetValue(tags))
            {
                given = await AskAsync(parsed, secret, data, terminal, cancellationToken);
                if (given is null)
                {
                    return ExitCode.Error;
                }
            }

            using (given)
            {
                return await VerifyAsync(data.Read(parsed).StoreOptions, given, parsed.GetValue(json), terminal, cancellationToken);
            }
        });
        return verb;
    }

    /// <summary>Prints what was found and what was read.</summary>
    public static void Print(VerificationReport report, TimeSpan took, Terminal terminal)
    {
        var output = terminal.Out;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Read {report.Records:#,0} records, {report.Evidence:#,0} pieces of evidence and {report.LogEntries:#,0} log entries: {report.Bytes / 1e6:#,0.0} MB in {Progress.Spoken(took)}."));
        foreach (var gap in report.NotExamined)
        {
            output.WriteLine($"Not examined: {gap}");
        }

        output.WriteLine(report.IsWhole
            ? "Everything is as it was written."
            : string.Create(CultureInfo.InvariantCulture, $"{report.Damaged:#,0} damaged, {report.Missing:#,0} missing, {report.Extra:#,0} extra."));
    }

    public static void Print(Verification.Finding finding, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            terminal.Out.WriteJsonLine(finding);
        }
        else
        {
            terminal.Out.WriteLine(Terminal.Escaped($"{Words.Of(finding.Kind),-8} {finding.Item}: {finding.What}"));
        }
    }

    private static async Task<int> VerifyAsync(
        Storage.StoreOptions store, OperatorSecret? secret, bool isJson, Terminal terminal, CancellationToken cancellationToken)
    {
        using var meter = new ByteMeter(terminal, TimeProvider.System, "verify");
        var report = await new Verifier(store, TimeProvider.System).RunAsync(
            finding =>
            {
                meter.Clear();
                Print(finding, isJson, terminal);
            },
            meter,
            secret,
            cancellationToken);
        meter.Dispose();
        if (isJson)
        {
            terminal.Out.WriteJsonLine(report);
        }
        else
        {
            Print(report, meter.Elapsed, terminal);
        }

        return report.IsWhole ? ExitCode.Ok : ExitCode.NotWhole;
    }

    /// <summary>The use of the operator's key is on the audit log before anything is opened; this is all that is written.</summary>
    private static async Task<OperatorSecret?> AskAsync(
        ParseResult parsed, SecretInput input, DataFolder data, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var records = await data.OpenAsync(parsed, cancellationToken);
        var secret = await input.ReadAsync(parsed, records.Options, records.Sealing, terminal, cancellationToken);
        if (secret is not null)
        {
            await records.Audit.RecordAsync(
                new AuditEntry { Action = "evidence.tags-checked", Actor = DataFolder.Me, Subject = "service/sealing", Reason = "palisade verify --tags" },
                cancellationToken);
        }

        return secret;
    }

    private static int CheckPacket(string file, string? keyFile, bool isJson, Terminal terminal)
    {
        var report = PacketVerification.Check(file, keyFile is null ? null : File.ReadAllText(keyFile));
        if (isJson)
        {
            terminal.Out.WriteJsonLine(new { report.IsWhole, report.Manifest?.Case, report.Events, report.Witnesses, report.Problems });
            return report.IsWhole ? ExitCode.Ok : ExitCode.NotWhole;
        }

        foreach (var problem in report.Problems)
        {
            terminal.Out.WriteLine(Terminal.Escaped($"not whole: {problem}"));
        }

        if (report.IsWhole)
        {
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"The packet is whole: case {report.Manifest!.Case}, {report.Manifest.Files.Count} files, {report.Events} proven log entries, {(report.Witnesses.Count == 0 ? "without a witness" : "cosigned by " + string.Join(", ", report.Witnesses))}."));
            if (report.Manifest.SoleOperator)
            {
                terminal.Out.WriteLine("It was released by one person alone, who asked and approved 24 hours apart.");
            }

            if (keyFile is null)
            {
                terminal.Out.WriteLine("Compare log/key.txt in it with the key that you got by another way, or name that with --key.");
            }
        }

        return report.IsWhole ? ExitCode.Ok : ExitCode.NotWhole;
    }
}
