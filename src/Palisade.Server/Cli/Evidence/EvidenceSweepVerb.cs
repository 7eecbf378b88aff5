using System.CommandLine;
using System.Globalization;
using Palisade.Server.Cli.Holds;

namespace Palisade.Server.Cli.Evidence;

internal static class EvidenceSweepVerb
{
    public static Command Create(Terminal terminal)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be destroyed, and destroy nothing" };
        var confirm = MomentOption.Create("--confirm-clock", "Today's date, when the service was off for long and the clock is right");
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "sweep",
            "Destroy evidence that is due and that nothing holds. A running service does this every hour.",
            "palisade evidence sweep --dry-run",
            "palisade evidence sweep --confirm-clock 2028-03-01")
        {
            ExitCodes = "0 done, 2 refused, or something is damaged and was left alone",
        };
        verb.Add(dryRun);
        verb.Add(confirm);
        verb.Add(json);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var sweep = records.SweepBy(await records.LoadRetentionAsync(cancellationToken));
            if (parsed.GetValue(confirm) is { } today &&
                await sweep.ConfirmClockAsync(DateOnly.FromDateTime(today.UtcDateTime), DataFolder.Me, cancellationToken) is { } refusal)
            {
                terminal.Complain(refusal);
                return ExitCode.Error;
            }

            var isDry = parsed.GetValue(dryRun);
            var outcome = isDry ? await sweep.RehearseAsync(cancellationToken) : await sweep.RunAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteJsonLine(new
                {
                    dryRun = isDry,
                    refusal = outcome.Refusal?.Reason,
                    destroyed = outcome.Destroyed.Select(one => new { id = one.Id.ToString(), rule = one.Rule }),
                    resumed = outcome.Resumed,
                    held = outcome.Held,
                    notDue = outcome.NotDue,
                    damaged = outcome.Damaged,
                });
            }
            else if (outcome.Refusal is null)
            {
                foreach (var one in outcome.Destroyed)
                {
                    terminal.Out.WriteLine($"{(isDry ? "due       " : "destroyed ")} {one.Id}  {Terminal.Escaped(one.Rule)}");
                }

                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{outcome.Destroyed.Count:#,0} {(isDry ? "would be destroyed" : "destroyed")}, {outcome.Held:#,0} held, {outcome.NotDue:#,0} not due."));
            }

            if (outcome.Refusal is { } refused)
            {
                terminal.Complain(refused.Reason);
            }

            foreach (var damaged in outcome.Damaged)
            {
                terminal.Complain($"left alone: {damaged}");
            }

            return outcome.Refusal is null && outcome.Damaged.Count == 0 ? ExitCode.Ok : ExitCode.Error;
        });
        return verb;
    }
}
