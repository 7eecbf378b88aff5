using System.CommandLine;
using Palisade.Banks;
using Palisade.Server.Cli.Approvals;

namespace Palisade.Server.Cli.Banks;

/// <summary>What <c>withdraw</c>, <c>disable</c> and <c>enable</c> have in common: each signal in turn, and a line for each.</summary>
internal static class SignalStateChange
{
    public static async Task<int> ApplyAsync(
        Installation records, long[] signals, SignalState state, DateTimeOffset? until, SecondPerson? second, ParseResult parsed,
        Terminal terminal, CancellationToken cancellationToken)
    {
        var exitCode = ExitCode.Ok;
        foreach (var number in signals)
        {
            var answer = await records.Banks.SetSignalStateAsync(
                new SignalId(number), state, until, second?.Approval(parsed), DataFolder.Me, cancellationToken);
            if (second is not null && answer.Refusal is BankRefused.SecondPersonNeeded)
            {
                exitCode = await second.AnswerAsync(answer.Refusal, records, parsed, terminal, cancellationToken);
            }
            else if (answer.IsRefused)
            {
                terminal.Complain($"signal {number}: {answer.Refusal.Reason}");
                exitCode = ExitCode.Error;
            }
            else
            {
                terminal.Out.WriteLine(until is { } moment
                    ? $"Signal {number} is disabled until {moment:yyyy-MM-dd HH:mm} UTC."
                    : $"Signal {number} is {Words.Of(state)}.");
            }
        }

        return exitCode;
    }
}
