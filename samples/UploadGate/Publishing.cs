namespace UploadGate;

/// <summary>
/// Publishes what is cleared when the clock says so and not when a verdict arrives: the moment at which a file appears
/// tells nothing about how long its check took.
/// </summary>
public sealed class Publishing(GateOptions options, UploadFolder folder, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var turn = new PeriodicTimer(options.PublishEvery, clock);
        while (await turn.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var id in folder.All(Standing.Cleared))
            {
                folder.TryMove(id, Standing.Cleared, Standing.Published);
            }
        }
    }
}
