using Palisade.Client;

namespace UploadGate;

/// <summary>
/// Follows the verdict feed: a release publishes what was kept back, and a later hold takes down what was public.
/// </summary>
public sealed class Following(UploadFolder folder, PalisadeClient palisade, ILogger<Following> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in palisade.FollowVerdictsAsync(folder.ReadFeedPosition(), stoppingToken))
            {
                Apply(change);

                // After acting: a crash in between acts once more on the same change, which changes nothing.
                folder.WriteFeedPosition(change.Sequence);
            }
        }
        catch (PalisadeProblemException refused)
        {
            logger.LogCritical(refused, "The verdict feed is closed to this key: nothing that is held will be released");
        }
    }

    private void Apply(VerdictChange change)
    {
        // Other programs may scan with names of their own.
        if (change.ContentId is not { } id || !UploadFolder.IsId(id))
        {
            return;
        }

        // Silent means that nothing may move which the uploader could notice.
        if (change.Action == PlatformAction.Silent)
        {
            return;
        }

        if (change.Verdict == Verdict.Allow)
        {
            folder.TryMove(id, Standing.Kept, Standing.Cleared);
        }
        else if (!folder.TryMove(id, Standing.Published, Standing.Kept))
        {
            folder.TryMove(id, Standing.Cleared, Standing.Kept);
        }
    }
}
