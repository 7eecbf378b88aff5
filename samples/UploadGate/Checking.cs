using System.Collections.Concurrent;
using System.Threading.Channels;
using Palisade.Client;

namespace UploadGate;

/// <summary>
/// Has waiting uploads checked, away from any request, and moves each to where its verdict says.
/// </summary>
/// <remarks>
/// The queue only says which uploads to ask about next; the holding folder is what counts. What if it is full: the
/// sweep finds the upload a minute later. At shutdown and after a crash: the file still waits, and the first sweep finds
/// it. Its id is also its idempotency key, so being asked about twice is still one scan.
/// </remarks>
public sealed class Checking(
    GateOptions options,
    UploadFolder folder,
    PalisadeClient palisade,
    HeldUploads held,
    TimeProvider clock,
    ILogger<Checking> logger) : BackgroundService
{
    private const int ChecksAtOnce = 8;

    /// <summary>A disk may fail once and recover; a file that fails this often is kept back for good.</summary>
    private const int MaxReadFailures = 3;

    private readonly ConcurrentDictionary<string, int> _readFailures = new(StringComparer.Ordinal);

    private readonly Channel<string> _queue = Channel.CreateBounded<string>(options.MaxWaiting);

    /// <summary>Says that an upload has arrived.</summary>
    public void Ask(string id) => _queue.Writer.TryWrite(id);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
    [
        SweepAsync(stoppingToken),
        .. Enumerable.Range(0, ChecksAtOnce).Select(_ => CheckAllAsync(stoppingToken)),
    ]);

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var sweep = new PeriodicTimer(options.SweepEvery, clock);
        do
        {
            // Only when nobody is asking about anything, so that nothing is asked about twice for nothing.
            if (_queue.Reader.Count == 0 && held.Count == 0)
            {
                foreach (var id in folder.All(Standing.Waiting))
                {
                    Ask(id);
                }
            }
        }
        while (await sweep.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CheckAllAsync(CancellationToken stoppingToken)
    {
        await foreach (var id in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await CheckAsync(id, stoppingToken);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                CountReadFailure(id, unreadable);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                // The upload still waits, and the sweep will ask again.
                logger.LogError(broken, "Upload {Id} could not be checked and stays hidden", id);
            }
        }
    }

    private async Task CheckAsync(string id, CancellationToken stoppingToken)
    {
        var file = folder.PathOf(id, Standing.Waiting);
        if (!File.Exists(file))
        {
            return;
        }

        var upload = Upload.FromFile(file, options.Service, id) with
        {
            IdempotencyKey = id,
            Time = new DateTimeOffset(File.GetLastWriteTimeUtc(file)), // the same again after a restart, as the key demands
        };

        switch (await held.ScanWhenPossibleAsync(upload, stoppingToken))
        {
            case HeldOutcome.Answered { Answer.Verdict: Verdict.Allow }:
                folder.TryMove(id, Standing.Waiting, Standing.Cleared);
                break;
            case HeldOutcome.Answered { Answer: var answer }:
                folder.TryMove(id, Standing.Waiting, Standing.Kept);
                await CatchUpAsync(id, answer, stoppingToken);
                break;
            case HeldOutcome.Refused { Problem.Status: StatusCodes.Status413PayloadTooLarge }:
                folder.TryMove(id, Standing.Waiting, Standing.Kept); // nobody will ever look at it
                break;
            case HeldOutcome.Refused { Problem: var problem }: // a key or a setting: it waits until that is mended
                logger.LogError("Palisade refuses to look at upload {Id}, which stays hidden: {Problem}", id, problem.Type);
                break;
            default:
                break; // full: it still waits, and the sweep will ask again
        }
    }

    private void CountReadFailure(string id, Exception unreadable)
    {
        logger.LogError(unreadable, "Upload {Id} could not be read and stays hidden", id);
        if (_readFailures.AddOrUpdate(id, 1, (_, failures) => failures + 1) >= MaxReadFailures)
        {
            _readFailures.TryRemove(id, out _);
            folder.TryMove(id, Standing.Waiting, Standing.Kept); // nobody will ever look at it
        }
    }

    /// <summary>
    /// A person may have released it between the answer and the move, when the feed found nothing to move. What changes
    /// from here on the feed will find.
    /// </summary>
    private async Task CatchUpAsync(string id, ScanAnswer answer, CancellationToken stoppingToken)
    {
        if (answer.Id is { } scan && await palisade.GetScanAsync(scan, stoppingToken) is { Verdict: Verdict.Allow })
        {
            folder.TryMove(id, Standing.Kept, Standing.Cleared);
        }
    }
}
