using System.CommandLine;
using System.Globalization;
using Palisade.Protection;
using Palisade.Server.Cli.Holds;
using Spectre.Console;

namespace Palisade.Server.Cli.Protecting;

internal static class ProtectionListVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var verb = new Verb("list", "List protections, without their owners.", "palisade protect list") { json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var banks = (await records.Banks.ListAsync(cancellationToken)).ToDictionary(bank => bank.Id, bank => bank.Name);
            var all = await records.Protections.ListAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var one in all)
                {
                    terminal.Out.WriteJsonLine(new
                    {
                        one.Number,
                        bank = banks.GetValueOrDefault(one.Bank),
                        photos = one.Consent?.Photos,
                        one.BegunAt,
                        one.ExpiresAt,
                        one.EndedAt,
                        one.EndedWhy,
                    });
                }
            }
            else
            {
                terminal.Tables().Write(TableOf(all, banks));
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Table TableOf(IReadOnlyList<PhotoProtection> all, Dictionary<Palisade.Banks.BankId, string> banks)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("number", "bank", "photos", "begun", "expires", "ended");
        foreach (var one in all)
        {
            table.AddRow(
                one.Number.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(banks.GetValueOrDefault(one.Bank, "-")),
                one.Consent?.Photos.ToString(CultureInfo.InvariantCulture) ?? "-",
                MomentOption.Shown(one.BegunAt),
                MomentOption.Shown(one.ExpiresAt),
                one is { EndedAt: { } at, EndedWhy: { } why } ? $"{MomentOption.Shown(at)}, {Words.Of(why)}" : "-");
        }

        return table;
    }
}
