using Palisade.Scanning;

namespace Palisade.Server;

/// <summary>
/// What goes on beside the calls while the server runs: the banks are read into memory and followed, remembered answers
/// that are a day old are destroyed, and the process stops when the store can no longer keep its promise.
/// </summary>
/// <remarks>At shutdown each part stops where it is; the next start reads the banks anew, and sweeps what is left.</remarks>
public sealed class Upkeep(Installation installation, IHostApplicationLifetime lifetime, ILogger<Upkeep> logger)
    : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var onStoreFailure = installation.Store.Failed.Register(() =>
        {
            logger.LogCritical(
                "A write could not reach stable storage, so nothing can be promised any more. The service stops; check the disk and start it again");
            lifetime.StopApplication();
        });

        await LoadUntilDoneAsync(stoppingToken);
        await Task.WhenAll(installation.Index.FollowAsync(stoppingToken), SweepAsync(stoppingToken));
    }

    private async Task LoadUntilDoneAsync(CancellationToken cancellationToken)
    {
        while (!installation.Index.IsLoaded)
        {
            try
            {
                await installation.LoadBanksAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The banks could not be read into memory; trying again. Until then every scan is told to wait");
                await Task.Delay(RetryInterval, installation.Clock, cancellationToken);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await installation.Scanner.Idempotency.SweepAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "Remembered answers of more than {Age} could not be destroyed; trying again", IdempotencyWindow.Length);
            }

            await Task.Delay(SweepInterval, installation.Clock, cancellationToken);
        }
    }
}
