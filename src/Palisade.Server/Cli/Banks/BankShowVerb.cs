using System.CommandLine;
using System.Globalization;
using Palisade.Banks;

namespace Palisade.Server.Cli.Banks;

internal static class BankShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb("show", "Show one bank with all its settings.", "palisade bank show hotline-list") { name, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var counts = await records.Banks.CountSignalsAsync(cancellationToken);
            var line = BankLine.Of(bank, counts.GetValueOrDefault(bank.Id, SignalCounts.None));
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(line);
            }
            else
            {
                Print(line, terminal.Out);
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(BankLine bank, TextWriter output)
    {
        var culture = CultureInfo.InvariantCulture;
        output.WriteLine(bank.Name);
        Row("purpose", Words.Of(bank.Purpose));
        Row("owner", bank.Owner);
        Row("source", bank.Source.Length > 0 ? bank.Source : "not stated");
        Row("a match", string.Create(culture, $"within {bank.MaxDistanceBits} of 256 bits; leads to {Words.Of(bank.AllowedAction)} at most"));
        Row("quality", string.Create(culture, $"{bank.MinQuality} or more; below it only digests are compared"));
        Row("compared", string.Create(culture, $"with {bank.EnabledRatio * 100:0.##} % of uploads"));
        Row("imports", $"begin {Words.Of(bank.NewSignals)}");
        Row("signals", string.Create(
            culture,
            $"{bank.Signals.Live:#,0} live, {bank.Signals.Probation:#,0} on probation, {bank.Signals.Disabled:#,0} disabled, {bank.Signals.Withdrawn:#,0} withdrawn"));
        Row("created", bank.CreatedAt.ToString("yyyy-MM-dd HH:mm 'UTC'", culture));
        if (bank.Notes.Length > 0)
        {
            Row("notes", bank.Notes);
        }

        void Row(string label, string value) => output.WriteLine($"  {label,-9} {Terminal.Escaped(value)}");
    }
}
