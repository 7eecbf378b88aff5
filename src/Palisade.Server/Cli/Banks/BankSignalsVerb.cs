using System.CommandLine;
using System.Globalization;
using Palisade.Banks;

namespace Palisade.Server.Cli.Banks;

internal static class BankSignalsVerb
{
    private const int PageSize = 1000;

    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "The bank" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every signal" };
        var verb = new Verb(
            "signals",
            "List the signals of a bank with their numbers and states; their values are shown by bank export only.",
            "palisade bank signals hotline-list") { name, json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await DataFolder.FindBankAsync(records, parsed.GetRequiredValue(name), terminal, cancellationToken) is not { } bank)
            {
                return ExitCode.Error;
            }

            var after = default(SignalId);
            while (await records.Banks.ListSignalsAsync(bank.Id, after, PageSize, cancellationToken) is { Count: > 0 } page)
            {
                foreach (var signal in page)
                {
                    if (parsed.GetValue(json))
                    {
                        terminal.Out.WriteJsonLine(new
                        {
                            signal = signal.Id.ToString(),
                            type = signal.Value.Type,
                            state = signal.State,
                            disabledUntil = signal.DisabledUntil,
                            quality = signal.Quality,
                            origin = signal.Origin,
                            addedAt = signal.AddedAt,
                        });
                    }
                    else
                    {
                        terminal.Out.WriteLine(Line(signal));
                    }
                }

                after = page[^1].Id;
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static string Line(Signal signal)
    {
        var state = signal.DisabledUntil is { } until ? $"disabled until {until:yyyy-MM-dd HH:mm}" : Words.Of(signal.State);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{signal.Id,10}  {Words.Of(signal.Value.Type),-6}  {state,-32}  {signal.AddedAt:yyyy-MM-dd}  {Terminal.Escaped(signal.Origin)}").TrimEnd();
    }
}
