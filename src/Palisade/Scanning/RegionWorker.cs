using Microsoft.Extensions.Logging;
using Palisade.Decoding;

namespace Palisade.Scanning;

/// <summary>
/// Compares the regions of uploads that were answered before, one after the other, when the decoder has nothing else to do.
/// </summary>
/// <remarks>
/// At shutdown it stops where it is, and the upload it had is taken again after its lease. One that failed
/// <see cref="MostAttempts"/> times is held for a person: what could not be compared must not pass for clean.
/// </remarks>
public sealed class RegionWorker(RegionBacklog backlog, Scanner scanner, DecoderPool decoder, TimeProvider clock, ILogger<RegionWorker> logger)
{
    public const int MostAttempts = 5;

    /// <summary>How long uploads that wait for their first answer go before; then the queue has its turn all the same.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled. Several may run beside each other.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var rest = Look;
            try
            {
                // Looking is a read: only what waits is worth a write.
                await backlog.MeasureAsync(cancellationToken);
                while (backlog.Waiting > 0 && await StepAsync(cancellationToken))
                {
                    await backlog.MeasureAsync(cancellationToken);
                }
            }
            catch (DecoderBusyException)
            {
                rest = Rest;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.LogError(error, "The regions of an upload could not be compared; it is tried again");
                rest = Rest;
            }

            await Task.Delay(rest, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Compares one upload, when one waits.</summary>
    /// <returns>False when none does.</returns>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (decoder.Waiting > 0 && clock.GetElapsedTime(began) < MostPatience)
        {
            await Task.Delay(Breath, clock, cancellationToken);
        }

        if (await backlog.TakeAsync(cancellationToken) is not { } work)
        {
            return false;
        }

        await scanner.FollowUpAsync(work, isGivenUp: work.Attempts > MostAttempts, cancellationToken);
        return true;
    }
}
