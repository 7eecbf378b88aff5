using Microsoft.Extensions.Logging;

namespace Palisade.Audit;

/// <summary>Signs the audit log for as long as a service runs.</summary>
/// <remarks>
/// At shutdown the last entries are signed and the turn is given away. After a crash the turn ends by itself, and the next
/// signer goes on with what the store and the folder hold.
/// </remarks>
public sealed class SigningLoop(AuditSequencer sequencer, TimeProvider clock, ILogger<SigningLoop> logger)
{
    /// <summary>Longest time from an entry to the checkpoint that covers it, while a signer runs.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewInterval = SigningTable.Lease / 3;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    /// <summary>Signs whenever something was added, until cancelled; then once more, and hands the log over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var signedAt = clock.GetTimestamp();
        var renewedAt = 0L;
        var isFirst = true;
        var told = "";
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = LookInterval;
            try
            {
                var (signed, last, wanted) = await sequencer.StateAsync(cancellationToken);
                var isDue = isFirst || wanted > signed || (last > signed && clock.GetElapsedTime(signedAt) >= LongestWait);
                if (isDue || clock.GetElapsedTime(renewedAt) >= RenewInterval)
                {
                    renewedAt = clock.GetTimestamp();
                    var outcome = isDue ? await sequencer.SignAsync(cancellationToken) : await sequencer.RenewAsync(cancellationToken);
                    told = Tell(outcome, told);
                    isFirst = outcome is not (SigningOutcome.Published or SigningOutcome.Unchanged);
                    signedAt = outcome is SigningOutcome.Published ? clock.GetTimestamp() : signedAt;
                    pause = isFirst ? RetryInterval : LookInterval;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Handed over below.
            }
            catch (Exception exception)
            {
                logger.LogError(exception, "The audit log could not be signed; trying again. Entries are taken meanwhile");
                pause = RetryInterval;
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await sequencer.HandOverAsync();
    }

    /// <summary>Writes a line when something changed, not each time.</summary>
    private string Tell(SigningOutcome outcome, string told)
    {
        switch (outcome)
        {
            case SigningOutcome.Refused refused when refused.Fault.Explanation != told:
                logger.LogCritical("The audit log is not signed any more. {Explanation}", refused.Fault.Explanation);
                return refused.Fault.Explanation;

            case SigningOutcome.Refused:
                return told;

            case SigningOutcome.SignedElsewhere when told != nameof(SigningOutcome.SignedElsewhere):
                logger.LogWarning("Another copy of Palisade signs this audit log, so this one does not; it takes over when that one ends");
                return nameof(SigningOutcome.SignedElsewhere);

            case SigningOutcome.SignedElsewhere:
                return told;

            default:
                return "";
        }
    }
}
