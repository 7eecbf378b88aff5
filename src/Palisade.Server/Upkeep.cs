using Palisade.Audit;
using Palisade.Banks;
using Palisade.Scanning;
using Palisade.Server.Api;

namespace Palisade.Server;

/// <summary>
/// What goes on beside the calls while the server runs: the banks are read into memory and followed, uploads are counted
/// for probation, remembered answers that are a day old and evidence that is due are destroyed, decisions take
/// effect when their undo time is over, the audit log is signed, and the process stops when the store can no longer
/// keep its promise.
/// </summary>
/// <remarks>
/// At shutdown each part stops where it is. The next start reads the banks anew and sweeps what is left; uploads that were
/// not counted yet make a probation a little longer, never shorter.
/// </remarks>
public sealed class Upkeep(
    Installation installation,
    IHostApplicationLifetime lifetime,
    FailedAccess failedAccess,
    ILogger<Upkeep> logger,
    ILogger<SigningLoop> signingLogger,
    ILogger<RegionWorker> regionLogger)
    : BackgroundService
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ProbationInterval = TimeSpan.FromMinutes(1);

    /// <summary>Decisions come from other processes too, so they are looked for; the look is one small query.</summary>
    private static readonly TimeSpan DecisionInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var onStoreFailure = installation.Store.Failed.Register(() =>
        {
            logger.LogCritical(
                "A write could not reach stable storage, so nothing can be promised any more. The service stops; check the disk and start it again");
            lifetime.StopApplication();
        });

        if (!await installation.Evidence.CanTakeAsync(stoppingToken))
        {
            logger.LogCritical(
                "There is no sealing key yet, so the bytes of uploads that are not clean cannot be kept: each of them is held, and the platform must keep its own copy. Make the key: palisade key init, and no restart is needed");
        }

        if (!installation.Decoder.Sandbox.IsConfined)
        {
            logger.LogWarning(
                "Nothing confines the decoder here, so a hostile picture could reach this machine's files and network; palisade doctor says how to add a layer");
        }

        // Before the banks are in memory: what was signed last is held against what others have seen.
        var signing = new SigningLoop(installation.Sequencer, installation.Clock, signingLogger).RunAsync(stoppingToken);
        try
        {
            await LoadUntilDoneAsync(stoppingToken);
            await Task.WhenAll(
                installation.Index.FollowAsync(stoppingToken),
                installation.UsesRegions ? installation.RegionIndex.FollowAsync(stoppingToken) : Task.CompletedTask,
                CompareRegionsAsync(stoppingToken),
                EndProtectionsAsync(stoppingToken),
                SweepAsync(stoppingToken),
                SweepEvidenceAsync(stoppingToken),
                DestroyDueAsync(stoppingToken),
                WatchProbationAsync(stoppingToken),
                NoteFailedAccessAsync(stoppingToken),
                ApplyDecisionsAsync(stoppingToken),
                installation.Webhook?.RunAsync(stoppingToken) ?? Task.CompletedTask);
        }
        finally
        {
            await signing;
        }
    }

    private async Task LoadUntilDoneAsync(CancellationToken cancellationToken)
    {
        while (!installation.Index.IsLoaded || (installation.UsesRegions && !installation.RegionIndex.IsLoaded))
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

    private Task CompareRegionsAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, installation.Options.Regions.Workers).Select(_ => new RegionWorker(
            installation.RegionBacklog, installation.Scanner, installation.Decoder, installation.Clock, regionLogger).RunAsync(cancellationToken)));

    private async Task EndProtectionsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await installation.Protections.ExpireAsync(cancellationToken) is > 0 and var ended)
                {
                    logger.LogInformation("{Ended} protections of photos expired; their region codes and owners' names are erased", ended);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "Protections of photos that have expired could not be ended; trying again");
            }

            await Task.Delay(SweepInterval, installation.Clock, cancellationToken);
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

    private async Task SweepEvidenceAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await installation.Evidence.SweepOrphansAsync(cancellationToken) is > 0 and var removed)
                {
                    logger.LogInformation("{Removed} sealed files that no evidence names, left by a crash, were removed", removed);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The evidence folder could not be swept; trying again");
            }

            await Task.Delay(SweepInterval, installation.Clock, cancellationToken);
        }
    }

    private async Task ApplyDecisionsAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await installation.Cases.ApplyDueAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "A decision whose undo time is over could not take effect; trying again");
                await Task.Delay(RetryInterval, installation.Clock, cancellationToken);
            }

            await Task.Delay(DecisionInterval, installation.Clock, cancellationToken);
        }
    }

    private async Task NoteFailedAccessAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(FailedAccess.Interval, installation.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await failedAccess.NoteAsync(CancellationToken.None);
            }
            catch (Exception exception)
            {
                logger.LogError(exception, "Refused calls could not be put on the audit log; they are counted on and put there later");
            }
        }
    }

    /// <summary>Destroys what is due by policy. In doubt it destroys nothing, and says so at every sweep until a person has looked.</summary>
    private async Task DestroyDueAsync(CancellationToken cancellationToken)
    {
        var sweep = installation.SweepBy(installation.Retention);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var outcome = await sweep.RunAsync(cancellationToken);
                if (outcome.Refusal is { } refusal)
                {
                    logger.LogCritical("No evidence is destroyed: {Reason}", refusal.Reason);
                }

                foreach (var damaged in outcome.Damaged)
                {
                    logger.LogCritical("Evidence is left alone because a record of it is damaged: {Damaged}", damaged);
                }

                if (outcome.Destroyed.Count > 0)
                {
                    logger.LogInformation("{Destroyed} pieces of evidence that were due were destroyed", outcome.Destroyed.Count);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "The sweep of evidence stopped; what it had begun is ended by the next one");
            }

            await Task.Delay(installation.Options.Sweep.Every, installation.Clock, cancellationToken);
        }
    }

    private async Task WatchProbationAsync(CancellationToken cancellationToken)
    {
        var probation = new Probation(installation.Store, installation.Audit, installation.Clock);
        var counted = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var matched = installation.Scanner.MatchedUploads;
                if (matched > counted)
                {
                    await probation.CountUploadsAsync(matched - counted, cancellationToken);
                    counted = matched;
                }

                await probation.SweepAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                logger.LogError(exception, "Probation could not be looked after; trying again");
            }

            await Task.Delay(ProbationInterval, installation.Clock, cancellationToken);
        }
    }
}
