using System.CommandLine;
using System.Globalization;
using Palisade.Banks;

namespace Palisade.Server.Cli.Banks;

internal static class BankChangesVerb
{
    private const int PageSize = 1000;

    public static Command Create(Terminal terminal)
    {
        var after = new Option<long>("--after") { Description = "Begin after this sequence number", HelpName = "SEQ" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var verb = new Verb(
            "changes",
            "Print the change log of all banks: what changed, when, by whom.",
            "palisade bank changes --after 120") { after, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var names = (await records.Banks.ListAsync(cancellationToken)).ToDictionary(bank => bank.Id, bank => bank.Name);
            var sequence = parsed.GetValue(after);
            while (await records.Banks.ChangesAfterAsync(sequence, PageSize, cancellationToken) is { Count: > 0 } page)
            {
                foreach (var change in page)
                {
                    var bank = names.GetValueOrDefault(change.Bank, $"removed bank {change.Bank}");
                    if (parsed.GetValue(json))
                    {
                        terminal.Out.WriteJsonLine(new
                        {
                            seq = change.Sequence,
                            kind = change.Kind,
                            bank,
                            signal = change.Signal?.ToString(),
                            import = change.Import,
                            at = change.At,
                            by = change.By,
                        });
                    }
                    else
                    {
                        terminal.Out.WriteLine(Line(change, bank));
                    }
                }

                sequence = page[^1].Sequence;
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static string Line(BankChange change, string bank)
    {
        var what = change.Signal is { } signal ? $"signal {signal}" : change.Import is { } import ? $"import {import}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{change.Sequence,8}  {change.At:yyyy-MM-dd HH:mm:ss}  {change.Kind,-24} {bank,-24} {what,-16} {Terminal.Escaped(change.By)}").TrimEnd();
    }
}
