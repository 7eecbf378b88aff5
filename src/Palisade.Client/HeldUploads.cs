namespace Palisade.Client;

/// <summary>Bounds of <see cref="HeldUploads"/>.</summary>
public sealed record HeldUploadsOptions
{
    /// <summary>How many uploads may be held at once. Default 1,000.</summary>
    public int MaxHeld { get; init; } = 1000;

    /// <summary>How many of them may be in a call at once. Default 8.</summary>
    public int MaxCalls { get; init; } = 8;
}

/// <summary>
/// Holds uploads while the service has no answer for them, and asks again until it has.
/// </summary>
/// <remarks>
/// Overload is never a verdict. An upload is asked about again after the time that the service names, or else after a
/// growing one, always under its first idempotency key, for as long as its caller waits; cancel to give up.
/// What if it is full: the upload is not taken on (<see cref="HeldOutcome.Full"/>) and its caller keeps it back.
/// What at shutdown or after a crash: what is held is in memory, so a platform hands over again what it has no answer
/// for; under the same idempotency key it is still one scan.
/// </remarks>
public sealed class HeldUploads : IDisposable
{
    private readonly PalisadeClient _client;
    private readonly int _maxHeld;
    private readonly SemaphoreSlim _calls;
    private int _held;

    public HeldUploads(PalisadeClient client, HeldUploadsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        options ??= new HeldUploadsOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxHeld, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxCalls, 1, nameof(options));
        _client = client;
        _maxHeld = options.MaxHeld;
        _calls = new SemaphoreSlim(options.MaxCalls);
    }

    /// <summary>How many uploads are held at this moment.</summary>
    public int Count => Volatile.Read(ref _held);

    /// <summary>Has one upload checked, however long the service takes to be there.</summary>
    public async Task<HeldOutcome> ScanWhenPossibleAsync(Upload upload, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _held) > _maxHeld)
        {
            Interlocked.Decrement(ref _held);
            return new HeldOutcome.Full();
        }

        try
        {
            for (var failures = 1; ; failures++)
            {
                TimeSpan? retryAfter;
                try
                {
                    return new HeldOutcome.Answered(await ScanInTurnAsync(upload, cancellationToken));
                }
                catch (PalisadeProblemException refused)
                {
                    return new HeldOutcome.Refused(refused.Problem);
                }
                catch (PalisadeUnavailableException unavailable)
                {
                    retryAfter = unavailable.RetryAfter;
                }

                await Task.Delay(Patience.After(failures, retryAfter), _client.Clock, cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    public void Dispose() => _calls.Dispose();

    private async Task<ScanAnswer> ScanInTurnAsync(Upload upload, CancellationToken cancellationToken)
    {
        await _calls.WaitAsync(cancellationToken);
        try
        {
            return await _client.ScanAsync(upload, cancellationToken);
        }
        finally
        {
            _calls.Release();
        }
    }
}
