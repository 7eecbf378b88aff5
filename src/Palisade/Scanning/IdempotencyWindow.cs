using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Palisade.Policy;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>
/// Remembers for 24 hours which requests were answered how, so that a repeated request is one scan.
/// </summary>
/// <remarks>
/// Nothing of a request is kept but two HMACs under the key of its day. A day's key is destroyed one day after the day is
/// over, and from then on nobody can ask the rows (which are gone by then) or any copy of them whether a certain file was
/// ever sent.
/// </remarks>
public sealed class IdempotencyWindow(Store store, RecordSeal seal, TimeProvider clock)
{
    /// <summary>How long a key stands for its first request.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromHours(24);

    private const int KeyBytes = 32;

    private readonly ConcurrentDictionary<long, byte[]> _keys = new();

    /// <summary>A request as the rows know it.</summary>
    internal sealed record Marks(byte[] Key, byte[] Request, byte[] KeyBefore, byte[] RequestBefore);

    /// <summary>An answer that was given before.</summary>
    internal sealed record Remembered(
        byte[] RequestMac, string ScanId, string Service, string Verdict, long IndexGeneration, long AnsweredAt);

    /// <summary>Makes the marks of a request: for today's window and for yesterday's.</summary>
    internal async Task<Marks> MarkAsync(IdempotencyKey key, byte[] request, CancellationToken cancellationToken)
    {
        var caller = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{key.Caller}|{key.Text}"));
        var number = CurrentNumber();
        var today = await KeyOfAsync(number, cancellationToken);
        var before = await KeyOfAsync(number - 1, cancellationToken);
        return new Marks(Mac(today, caller), Mac(today, request), Mac(before, caller), Mac(before, request));
    }

    /// <summary>The answer that this request, or another under its key, was given in the last 24 hours.</summary>
    /// <returns>Null when there is none. Otherwise also whether it was the same request.</returns>
    internal async Task<(Remembered Answer, bool IsSameRequest)?> FindAsync(
        DbConnection connection, DbTransaction? transaction, Marks marks)
    {
        var row = await connection.QuerySingleOrDefaultAsync<Remembered>(
            """
            SELECT request_mac AS RequestMac, scan_id AS ScanId, service AS Service, verdict AS Verdict,
                   index_generation AS IndexGeneration, answered_at AS AnsweredAt
            FROM idempotent_scan
            WHERE key_mac IN (@Key, @KeyBefore) AND answered_at > @since
            ORDER BY answered_at DESC LIMIT 1
            """,
            new { marks.Key, marks.KeyBefore, since = Milliseconds(clock.GetUtcNow() - Length) },
            transaction);
        if (row is null)
        {
            return null;
        }

        var isSame = CryptographicOperations.FixedTimeEquals(row.RequestMac, marks.Request) |
                     CryptographicOperations.FixedTimeEquals(row.RequestMac, marks.RequestBefore);
        return (row, isSame);
    }

    /// <summary>Remembers an answer, unless another node was quicker.</summary>
    /// <returns>False when the key stands for an answer already.</returns>
    internal static async Task<bool> TryAddAsync(
        DbTransaction transaction, Marks marks, string id, string service, VerdictAction verdict, long generation, DateTimeOffset now) =>
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO idempotent_scan (key_mac, request_mac, scan_id, service, verdict, index_generation, answered_at)
            VALUES (@Key, @Request, @scanId, @service, @verdict, @generation, @answeredAt)
            ON CONFLICT (key_mac) DO NOTHING
            """,
            new
            {
                marks.Key,
                marks.Request,
                scanId = id,
                service,
                verdict = Words.Of(verdict),
                generation,
                answeredAt = Milliseconds(now),
            },
            transaction) == 1;

    /// <summary>Destroys what is older than 24 hours, and the keys that no row needs any more.</summary>
    /// <returns>How many rows went.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var oldest = CurrentNumber() - 1;
        var swept = await store.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(
                    "DELETE FROM idempotency_window WHERE number < @oldest", new { oldest }, transaction);
                return await transaction.Connection!.ExecuteAsync(
                    "DELETE FROM idempotent_scan WHERE answered_at <= @since",
                    new { since = Milliseconds(clock.GetUtcNow() - Length) },
                    transaction);
            },
            cancellationToken);
        foreach (var number in _keys.Keys.Where(number => number < oldest))
        {
            if (_keys.TryRemove(number, out var key))
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }

        return swept;
    }

    private long CurrentNumber() => clock.GetUtcNow().ToUnixTimeMilliseconds() / (long)Length.TotalMilliseconds;

    private async Task<byte[]> KeyOfAsync(long number, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(number, out var known))
        {
            return known;
        }

        var bound = FormattableString.Invariant($"idempotency_window|{number}");
        var sealedKey = await store.WriteAsync(
            async transaction =>
            {
                // Another node may make it at the same moment; the first one counts for both.
                await transaction.Connection!.ExecuteAsync(
                    "INSERT INTO idempotency_window (number, sealed_key) VALUES (@number, @fresh) ON CONFLICT (number) DO NOTHING",
                    new { number, fresh = seal.Seal(RandomNumberGenerator.GetBytes(KeyBytes), bound) },
                    transaction);
                return await transaction.Connection!.QuerySingleAsync<byte[]>(
                    "SELECT sealed_key FROM idempotency_window WHERE number = @number", new { number }, transaction);
            },
            cancellationToken);
        return _keys.GetOrAdd(number, seal.Open(sealedKey, bound));
    }

    private static byte[] Mac(byte[] key, byte[] message) => HMACSHA256.HashData(key, message);

    private static long Milliseconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds();
}
