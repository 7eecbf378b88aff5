using System.Data.Common;
using System.Text.Json;
using Dapper;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>
/// Uploads that were answered before their regions were compared. They wait in the store, sealed under a key of their own,
/// until a worker has time; a restart loses none, and of several nodes one takes each.
/// </summary>
/// <remarks>
/// Full, it takes no more, and the service compares before it answers until there is room again. A taken upload comes back
/// when whoever took it has not said within <see cref="Lease"/> what came of it.
/// </remarks>
public sealed class RegionBacklog(Store store, BankKey key, RegionOptions options, TimeProvider clock)
{
    /// <summary>Many times what a comparison takes at its longest.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade regions v1 queue"u8));
    private long _waiting;
    private long _waitingBytes;

    /// <summary>How many uploads waited when it was last looked, on all nodes.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>How long the oldest has waited.</summary>
    public TimeSpan OldestAge { get; private set; }

    internal bool HasRoom(long bytes) =>
        Waiting < options.MostWaiting && Interlocked.Read(ref _waitingBytes) + bytes <= options.MostWaitingBytes;

    /// <summary>Counts what waits.</summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var (count, bytes, oldest) = await store.ReadAsync(
            connection => connection.QuerySingleAsync<(long, long, long?)>(
                "SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT), MIN(queued_at) FROM region_work"),
            cancellationToken);
        Interlocked.Exchange(ref _waiting, count);
        Interlocked.Exchange(ref _waitingBytes, bytes);
        OldestAge = oldest is { } since ? clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(since) : TimeSpan.Zero;
    }

    /// <summary>Puts an upload in the queue, in the transaction that keeps its answer.</summary>
    internal async Task AddAsync(DbTransaction transaction, ScanId id, ScanRequest request, DateTimeOffset scannedAt)
    {
        var row = new Row(
            id.ToString(), request.Service, scannedAt.ToUnixTimeMilliseconds(), request.Bytes.Length, LeasedUntil: 0, Attempts: 0, [], []);
        var facts = new Facts(
            request.ContentId, request.UploaderToken, request.UploadedAt, request.FileName, request.Network, request.Context,
            request.By.ToString());
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO region_work (scan_id, service, queued_at, size_bytes, leased_until, attempts, facts, content)
            VALUES (@ScanId, @Service, @QueuedAt, @SizeBytes, @LeasedUntil, @Attempts, @Facts, @Content)
            """,
            row with
            {
                Facts = _seal.Seal(JsonSerializer.SerializeToUtf8Bytes(facts, JsonSerializerOptions.Web), row.Bound("facts")),
                Content = _seal.Seal(request.Bytes.Span, row.Bound("content")),
            },
            transaction);
        Interlocked.Increment(ref _waiting);
        Interlocked.Add(ref _waitingBytes, request.Bytes.Length);
    }

    public Task<bool> ContainsAsync(ScanId id, CancellationToken cancellationToken) => store.ReadAsync(
        async connection => await connection.QuerySingleAsync<long>(
            "SELECT COUNT(*) FROM region_work WHERE scan_id = @id", new { id = id.ToString() }) > 0,
        cancellationToken);

    /// <summary>Takes the upload that has waited longest; null where none waits.</summary>
    internal async Task<RegionWork?> TakeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var row = await store.WriteAsync(
            transaction => transaction.Connection!.QuerySingleOrDefaultAsync<Row>(
                """
                UPDATE region_work SET leased_until = @until, attempts = attempts + 1
                WHERE scan_id = (SELECT scan_id FROM region_work WHERE leased_until <= @now ORDER BY queued_at, scan_id LIMIT 1)
                  AND leased_until <= @now
                RETURNING scan_id AS ScanId, service AS Service, queued_at AS QueuedAt, size_bytes AS SizeBytes,
                          leased_until AS LeasedUntil, attempts AS Attempts, facts AS Facts, content AS Content
                """,
                new { now = now.ToUnixTimeMilliseconds(), until = (now + Lease).ToUnixTimeMilliseconds() },
                transaction),
            cancellationToken);
        if (row is null)
        {
            return null;
        }

        if (!ScanId.TryParse(row.ScanId, out var id))
        {
            throw new StoreUnusableException("An upload that waits for its regions is damaged. Restore the store from a backup.");
        }

        var facts = JsonSerializer.Deserialize<Facts>(_seal.Open(row.Facts, row.Bound("facts")), JsonSerializerOptions.Web)!;
        return new RegionWork(
            id,
            new ScanRequest
            {
                Service = row.Service,
                Bytes = _seal.Open(row.Content, row.Bound("content")),
                ContentId = facts.ContentId,
                UploaderToken = facts.UploaderToken,
                UploadedAt = facts.UploadedAt,
                FileName = facts.FileName,
                Network = facts.Network,
                Context = facts.Context,
                By = Actor.Named(facts.By),
                WaitsForRegions = true,
            },
            row.Attempts);
    }

    /// <summary>Takes an upload out, in the transaction that keeps what came of it.</summary>
    /// <returns>False when another node was quicker, whose word counts.</returns>
    internal static async Task<bool> RemoveAsync(DbTransaction transaction, ScanId id) =>
        await transaction.Connection!.ExecuteAsync(
            "DELETE FROM region_work WHERE scan_id = @id", new { id = id.ToString() }, transaction) == 1;

    internal Task<bool> RemoveAsync(ScanId id, CancellationToken cancellationToken) =>
        store.WriteAsync(transaction => RemoveAsync(transaction, id), cancellationToken);

    private sealed record Facts(
        string? ContentId,
        string? UploaderToken,
        DateTimeOffset? UploadedAt,
        string? FileName,
        IReadOnlyList<NetworkFact> Network,
        IReadOnlyList<ContextItem> Context,
        string By);

    private sealed record Row(
        string ScanId, string Service, long QueuedAt, long SizeBytes, long LeasedUntil, long Attempts, byte[] Facts, byte[] Content)
    {
        public string Bound(string part) => FormattableString.Invariant($"region_work|{ScanId}|{Service}|{QueuedAt}|{SizeBytes}|{part}");
    }
}

/// <summary>An upload whose regions are to be compared now.</summary>
/// <param name="Attempts">How often it has been taken, this time included.</param>
internal sealed record RegionWork(ScanId Id, ScanRequest Request, long Attempts);
