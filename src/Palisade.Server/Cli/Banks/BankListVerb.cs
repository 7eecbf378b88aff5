using System.CommandLine;
using System.Globalization;
using Palisade.Banks;
using Spectre.Console;

namespace Palisade.Server.Cli.Banks;

internal static class BankListVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every bank" };
        var verb = new Verb("list", "List the banks and how many signals each holds.", "palisade bank list") { json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var banks = await records.Banks.ListAsync(cancellationToken);
            var counts = await records.Banks.CountSignalsAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var bank in banks)
                {
                    terminal.Out.WriteJsonLine(BankLine.Of(bank, counts.GetValueOrDefault(bank.Id, SignalCounts.None)));
                }
            }
            else if (banks.Count == 0)
            {
                terminal.Out.WriteLine("There is no bank yet. Begin one: palisade bank create NAME --purpose PURPOSE");
            }
            else
            {
                terminal.Tables().Write(Table(banks, counts));
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Table Table(IReadOnlyList<Bank> banks, IReadOnlyDictionary<BankId, SignalCounts> counts)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("bank", "purpose", "owner", "may lead to");
        table.AddColumn(new TableColumn("distance").RightAligned());
        table.AddColumn(new TableColumn("live").RightAligned());
        table.AddColumn(new TableColumn("probation").RightAligned());
        table.AddColumn(new TableColumn("disabled").RightAligned());
        foreach (var bank in banks)
        {
            var count = counts.GetValueOrDefault(bank.Id, SignalCounts.None);
            table.AddRow(
                bank.Name,
                Words.Of(bank.Purpose),
                Markup.Escape(Terminal.Escaped(bank.Owner)),
                Words.Of(bank.AllowedAction),
                bank.MaxDistanceBits.ToString(CultureInfo.InvariantCulture),
                Shown(count.Live),
                Shown(count.Probation),
                Shown(count.Disabled));
        }

        return table;
    }

    private static string Shown(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}

/// <summary>A bank as <c>bank list</c> and <c>bank show</c> print it with <c>--json</c>.</summary>
internal sealed record BankLine(
    string Name, BankPurpose Purpose, string Owner, string Source, int MaxDistanceBits, int MinQuality,
    Policy.VerdictAction AllowedAction, double EnabledRatio, NewSignals NewSignals, string Notes, DateTimeOffset CreatedAt,
    SignalCounts Signals)
{
    public static BankLine Of(Bank bank, SignalCounts signals) => new(
        bank.Name, bank.Purpose, bank.Owner, bank.Source, bank.MaxDistanceBits, bank.MinQuality, bank.AllowedAction,
        bank.EnabledRatio, bank.NewSignals, bank.Notes, bank.CreatedAt, signals);
}
