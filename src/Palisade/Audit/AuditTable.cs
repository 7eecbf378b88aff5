using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// The table behind the log. Each row carries a keyed checksum over its leaf, and the leaf holds the row's number, so a
/// changed or moved row is never read as if it were whole.
/// </summary>
internal sealed class AuditTable(BankKey key)
{
    /// <summary>HMAC-SHA-256 cut to 128 bits.</summary>
    private const int SealBytes = 16;

    /// <summary>Of the year 9999, the last that a leaf can write.</summary>
    private const long LastMillisecond = 253402300799999;

    private const string Columns =
        """
        seq AS Seq, recorded_at AS RecordedAt, action AS Action, actor AS Actor, subject AS Subject, reason AS Reason,
        digest AS Digest, result_of AS ResultOf, seal AS Seal
        """;

    private static readonly BulkColumn[] Written =
    [
        BulkColumn.Number("seq"), BulkColumn.Number("recorded_at"), BulkColumn.Text("action"), BulkColumn.Text("actor"),
        BulkColumn.Text("subject"), BulkColumn.Text("reason"), BulkColumn.Bytes("digest"), BulkColumn.Number("result_of"),
        BulkColumn.Bytes("seal"),
    ];

    private readonly byte[] _sealKey = key.DeriveFor("palisade audit v1 rows"u8);

    public AuditActors Actors { get; } = new(key);

    /// <returns>The number of the first.</returns>
    public async Task<long> AppendAsync(DbTransaction transaction, IReadOnlyList<AuditEntry> entries, TimeProvider clock)
    {
        // The names first: the number is held from when it is taken, and everybody else waits for it.
        await Actors.NoteAsync(transaction, entries.Select(entry => entry.Actor));
        var first = await Sequences.TakeAsync(transaction, AuditLog.Name, entries.Count);

        // And the time after the number, so that on one node later numbers have later times.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        await InsertAsync(transaction, entries.Select((entry, i) => new AuditRecord
        {
            Number = first + i,
            At = now,
            Action = entry.Action,
            Actor = Actors.PseudonymOf(entry.Actor),
            Subject = entry.Subject,
            Reason = AuditRecord.OneLine(entry.Reason),
            Digest = entry.Digest,
            ResultOf = entry.ResultOf,
        }));
        return first;
    }

    /// <summary>Puts records with numbers of their own in; only for numbers that were taken.</summary>
    public Task InsertAsync(DbTransaction transaction, IEnumerable<AuditRecord> records) => Dialect.InsertRowsAsync(
        transaction,
        "audit_entry",
        Written,
        records.Select(record => new object?[]
        {
            record.Number, record.At.ToUnixTimeMilliseconds(), record.Action, record.Actor, record.Subject, record.Reason,
            record.Digest, record.ResultOf, SealOf(record.ToLeaf()),
        }));

    public async Task<AuditRecord?> FindAsync(DbConnection connection, long number) =>
        await connection.QuerySingleOrDefaultAsync<Row>(
            $"SELECT {Columns} FROM audit_entry WHERE seq = @number", new { number }) is { } row
            ? Open(row).Record
            : null;

    /// <summary>The rows with these numbers as they lie in the store, in order; a missing or changed one is named.</summary>
    /// <exception cref="DamagedAuditException">A row is missing, was changed or stands in another's place.</exception>
    public async Task<IReadOnlyList<StoredLeaf>> ReadAsync(DbConnection connection, long first, int count)
    {
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM audit_entry WHERE seq >= @first AND seq < @end ORDER BY seq",
            new { first, end = first + count });
        var leaves = new List<StoredLeaf>(count);
        foreach (var row in rows)
        {
            if (row.Seq != first + leaves.Count)
            {
                throw new DamagedAuditException(first + leaves.Count, "is missing from the store");
            }

            leaves.Add(Open(row));
        }

        return leaves.Count == count
            ? leaves
            : throw new DamagedAuditException(first + leaves.Count, "is missing from the store");
    }

    /// <summary>Number and leaf of each of these rows that is there; null for one that was changed.</summary>
    public async Task<IReadOnlyList<(long Number, byte[]? Leaf)>> ReadWhatIsThereAsync(DbConnection connection, long first, int count)
    {
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM audit_entry WHERE seq >= @first AND seq < @end ORDER BY seq",
            new { first, end = first + count });
        return [.. rows.Select(row => (row.Seq, TryOpen(row)?.Leaf))];
    }

    public async Task<IReadOnlyList<AuditRecord>> ListAsync(DbConnection connection, AuditFilter filter, int limit)
    {
        var conditions = new List<string> { "1 = 1" };
        if (filter.Action is { } action)
        {
            conditions.Add(action.EndsWith('.') ? "substr(action, 1, length(@action)) = @action" : "action = @action");
        }

        if (filter.Actor is not null)
        {
            conditions.Add("actor = @Actor");
        }

        if (filter.Subject is not null)
        {
            conditions.Add("subject = @Subject");
        }

        if (filter.From is not null)
        {
            conditions.Add("recorded_at >= @from");
        }

        if (filter.Until is not null)
        {
            conditions.Add("recorded_at < @until");
        }

        if (filter.Before is not null)
        {
            conditions.Add("seq < @before");
        }

        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM audit_entry WHERE {string.Join(" AND ", conditions)} ORDER BY seq DESC LIMIT @limit",
            new
            {
                action = filter.Action,
                filter.Actor,
                filter.Subject,
                from = filter.From?.ToUnixTimeMilliseconds(),
                until = filter.Until?.ToUnixTimeMilliseconds(),
                before = filter.Before,
                limit,
            });
        return [.. rows.Select(row => Open(row).Record).Reverse()];
    }

    private byte[] SealOf(ReadOnlySpan<byte> leaf)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_sealKey, leaf, digest);
        return digest[..SealBytes].ToArray();
    }

    private StoredLeaf Open(Row row) => TryOpen(row) ?? throw new DamagedAuditException(row.Seq, "was changed in the store");

    private StoredLeaf? TryOpen(Row row)
    {
        if (row.RecordedAt is < 0 or > LastMillisecond)
        {
            return null;
        }

        var record = row.ToRecord();
        var leaf = record.ToLeaf();
        return CryptographicOperations.FixedTimeEquals(SealOf(leaf), row.Seal) ? new StoredLeaf(record, leaf) : null;
    }

    private sealed record Row(
        long Seq, long RecordedAt, string Action, string Actor, string Subject, string? Reason, byte[]? Digest, long? ResultOf,
        byte[] Seal)
    {
        public AuditRecord ToRecord() => new()
        {
            Number = Seq,
            At = DateTimeOffset.FromUnixTimeMilliseconds(RecordedAt),
            Action = Action,
            Actor = Actor,
            Subject = Subject,
            Reason = Reason,
            Digest = Digest,
            ResultOf = ResultOf,
        };
    }
}

/// <summary>A row that was read and found whole, and the bytes that the tree hashes.</summary>
internal sealed record StoredLeaf(AuditRecord Record, byte[] Leaf);
