using System.Data.Common;
using Dapper;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>What a value is to a list so far.</summary>
internal enum Fate
{
    /// <summary>Not held (or left over from a discarded list).</summary>
    Absent,

    /// <summary>Added by this list.</summary>
    Staged,

    /// <summary>Held, and not withdrawn.</summary>
    Active,

    /// <summary>Held, and this list takes it back.</summary>
    ToBeWithdrawn,

    Withdrawn,
}

/// <summary>A value that a batch has to think about: what the store holds of it, and what the batch makes of it.</summary>
internal sealed class KnownSignal
{
    public KnownRow? Stored { get; init; }

    public Fate StoredFate { get; init; }

    public Fate Fate { get; set; }

    /// <summary>The row to insert.</summary>
    public object?[]? Added { get; set; }

    /// <summary>A stored row that counts for nothing: left over, or staged by this list and taken back on a later line.</summary>
    public bool MustGo => Stored is not null &&
        (StoredFate == Fate.Absent || (StoredFate == Fate.Staged && (Fate == Fate.Absent || Added is not null)));

    /// <summary>What is stored under these keys, by key; a value that is not stored is not among them.</summary>
    public static async Task<Dictionary<byte[], KnownSignal>> LookUpAsync(
        DbTransaction transaction, IEnumerable<byte[]> keys, long import)
    {
        var connection = transaction.Connection!;
        var known = new Dictionary<byte[], KnownSignal>(ByteArrayEquality.Instance);
        var distinct = keys.Distinct(ByteArrayEquality.Instance).ToList();
        if (distinct.Count == 0)
        {
            return known;
        }

        var (isOne, those) = Dialect.Of(connection).OneOf("s.value_key", "@those", distinct);
        var rows = await connection.QueryAsync<KnownRow>(
            $"""
            SELECT s.id AS Id, s.value_key AS ValueKey, s.state AS State, s.import_id AS ImportId, i.state AS ImportState,
                   s.withdraw_import_id AS WithdrawImportId, w.state AS WithdrawState
            FROM signal s
            LEFT JOIN bank_import i ON i.id = s.import_id
            LEFT JOIN bank_import w ON w.id = s.withdraw_import_id
            WHERE {isOne}
            """,
            new { those },
            transaction);
        foreach (var row in rows)
        {
            var fate = row.FateFor(import);
            known[row.ValueKey] = new KnownSignal { Stored = row, StoredFate = fate, Fate = fate };
        }

        return known;
    }
}

internal sealed record KnownRow(
    long Id, byte[] ValueKey, long State, long? ImportId, string? ImportState, long? WithdrawImportId, string? WithdrawState)
{
    private const string LiveWord = "live";

    public Fate FateFor(long import) =>
        ImportId == import && ImportState != LiveWord ? Fate.Staged
        : ImportId is not null && ImportState != LiveWord ? Fate.Absent
        : (SignalState)State == SignalState.Withdrawn || WithdrawState == LiveWord ? Fate.Withdrawn
        : WithdrawImportId == import ? Fate.ToBeWithdrawn
        : Fate.Active;
}

internal sealed class ByteArrayEquality : IEqualityComparer<byte[]>
{
    public static readonly ByteArrayEquality Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <summary>The keys are evenly spread already, being cut from an HMAC.</summary>
    public int GetHashCode(byte[] obj) => BitConverter.ToInt32(obj);
}
