using System.CommandLine;
using System.Globalization;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Server.Cli.Approvals;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Cli.Banks;

/// <summary><c>palisade bank import</c>: a list of hashes, staged whole and then made live at once.</summary>
internal static class BankImportVerb
{
    private const int PageSize = 10_000;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank" };
        var file = new Argument<string>("FILE") { Description = "A list: CSV with a header, NDJSON, or one hash a line" };
        var type = Words.Option<SignalType>("--type", "The type of hashes that do not say it");
        var format = Words.Option<ListFormat>("--format", "The form of the list [default: auto]");
        var profile = Words.Option<PdqProfile>("--profile", "Which pixels made its PDQ hashes [default: full]");
        var newSignals = Words.Option<NewSignals>("--new-signals", "How its signals begin [default: as the bank says]");
        var preview = new Option<bool>("--preview") { Description = "Stage the list and show what it would do; the same command without it makes it live" };
        var discard = new Option<bool>("--discard") { Description = "Throw away what --preview staged" };
        var withdrawals = new Option<bool>("--confirm-withdrawals") { Description = "The list may take back more than 5 % of the bank" };
        var refused = new Option<string?>("--refused") { Description = "Write every refused line's number and reason to this file", HelpName = "FILE" };
        var verb = new Verb(
            "import",
            "Bring a list of hashes into a bank. Nothing is live until all of it is staged; a killed import goes on where it was.",
            "palisade bank import hotline-list hashes.csv",
            "palisade bank import hotline-list md5.txt --type md5 --preview")
        {
            name, file, type, format, profile, newSignals, preview, discard, withdrawals, refused,
        };
        var second = SecondPerson.AddTo(verb);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var options = new ImportOptions
            {
                Type = parsed.GetValue(type),
                Format = parsed.GetValue(format) ?? ListFormat.Auto,
                Profile = parsed.GetValue(profile) ?? PdqProfile.Full,
                NewSignals = parsed.GetValue(newSignals),
            };
            var imports = new BankImports(records.Store, records.BankKey, records.Audit, records.Approvals, records.Clock);
            using var meter = new ImportMeter(terminal);
            var answer = await imports.StageAsync(
                bank.Id, ImportSource.FromFile(parsed.GetRequiredValue(file)), options, meter, DataFolder.Me, cancellationToken);
            meter.Dispose();
            if (!answer.IsRefused && parsed.GetValue(refused) is { } report)
            {
                await WriteRefusedAsync(imports, answer.Value, report, cancellationToken);
            }

            if (!answer.IsRefused && parsed.GetValue(discard))
            {
                answer = await imports.DiscardAsync(answer.Value.Id, cancellationToken);
            }
            else if (!answer.IsRefused && !parsed.GetValue(preview))
            {
                Print(answer.Value, bank, terminal);
                answer = await imports.MakeLiveAsync(
                    answer.Value.Id, parsed.GetValue(withdrawals), second.Approval(parsed), DataFolder.Me, cancellationToken);
            }
            else if (!answer.IsRefused)
            {
                Print(answer.Value, bank, terminal);
            }

            if (answer.Refusal is BankRefused.SecondPersonNeeded)
            {
                return await second.AnswerAsync(answer.Refusal, records, parsed, terminal, cancellationToken);
            }

            if (answer.IsRefused)
            {
                terminal.Complain(answer.Refusal is BankRefused.WithdrawalsNotConfirmed
                    ? $"{answer.Refusal.Reason} If that is meant, say --confirm-withdrawals."
                    : answer.Refusal.Reason);
                return ExitCode.Error;
            }

            terminal.Out.WriteLine(answer.Value.State switch
            {
                ImportState.Live => "It is live. A running service notices within a second.",
                ImportState.Discarded => "What was staged is discarded.",
                _ => "Nothing of it is live yet. The same command without --preview makes it live, with --discard throws it away.",
            });
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(ImportPreview preview, Bank bank, Terminal terminal)
    {
        var output = terminal.Out;
        output.WriteLine($"{Terminal.Escaped(preview.SourceName)} into {bank.Name}:");
        Row(preview.Added, $"new, to begin {Words.Of(preview.NewSignals)}");
        Row(preview.AlreadyThere, "there already, or twice in the list");
        Row(preview.Withdrawn, "taken back by the list");
        Row(preview.AlreadyWithdrawn, "withdrawn before, and stay so");
        Row(preview.Refused, "lines refused");
        foreach (var (reason, count) in preview.RefusedByReason.OrderByDescending(pair => pair.Value))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"               {count:#,0} {Words.Of(reason)}"));
        }

        foreach (var line in preview.FirstRefused)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"               line {line.Line}: {Words.Of(line.Reason)}"));
        }

        if (preview.Refused > preview.FirstRefused.Count)
        {
            output.WriteLine("               ... --refused FILE writes them all");
        }

        void Row(long count, string what)
        {
            if (count > 0)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {count,12:#,0} {what}"));
            }
        }
    }

    private static async Task WriteRefusedAsync(
        BankImports imports, ImportPreview preview, string path, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(path);
        var after = 0L;
        while (await imports.RefusedLinesAsync(preview.Id, after, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var line in page)
            {
                writer.WriteJsonLine(new { line = line.Line, reason = line.Reason });
            }

            after = page[^1].Line;
        }
    }
}
