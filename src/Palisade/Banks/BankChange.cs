using System.Data.Common;
using System.Globalization;
using Dapper;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>
/// One line of the change log of banks and signals. Sequence numbers have no gaps and follow the order of commits.
/// </summary>
public sealed record BankChange
{
    public const string BankCreated = "bank.created";
    public const string BankChanged = "bank.changed";
    public const string BankRemoved = "bank.removed";
    public const string SignalAdded = "signal.added";
    public const string SignalLive = "signal.live";
    public const string SignalDisabled = "signal.disabled";
    public const string SignalPutOnProbation = "signal.put-on-probation";
    public const string SignalWithdrawn = "signal.withdrawn";

    /// <summary>Region codes of a signal's picture were added, or erased.</summary>
    public const string RegionsAdded = "signal.regions-added";

    /// <inheritdoc cref="RegionsAdded"/>
    public const string RegionsErased = "signal.regions-erased";

    /// <summary>All additions and withdrawals of a list took effect at once.</summary>
    public const string ImportLive = "import.live";

    /// <summary>The signals of a list that were on probation became live.</summary>
    public const string ProbationEnded = "probation.ended";

    public required long Sequence { get; init; }

    /// <summary>One of the constants above.</summary>
    public required string Kind { get; init; }

    public required BankId Bank { get; init; }

    public SignalId? Signal { get; init; }

    public long? Import { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>As <see cref="Actor"/> writes it.</summary>
    public required string By { get; init; }
}

/// <summary>The table behind <see cref="BankChange"/>.</summary>
internal static class BankChangeLog
{
    /// <summary>The sequence's name, and the bell that rings after a commit.</summary>
    public const string Feed = "bank_change";

    /// <summary>Writes the line, and its entry on the audit log.</summary>
    public static async Task AppendAsync(
        DbTransaction transaction, AuditLog audit, string kind, BankId bank, SignalId? signal, long? import, DateTimeOffset at, Actor by)
    {
        var seq = await Sequences.TakeAsync(transaction, Feed);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO bank_change (seq, kind, bank_id, signal_id, import_id, changed_at, changed_by)
            VALUES (@seq, @kind, @bank, @signal, @import, @at, @by)
            """,
            new
            {
                seq,
                kind,
                bank = bank.Number,
                signal = signal?.Number,
                import,
                at = at.ToUnixTimeMilliseconds(),
                by = by.ToString(),
            },
            transaction);
        var subject = signal is { } changed ? $"bank/{bank}/signal/{changed}"
            : import is { } list ? string.Create(CultureInfo.InvariantCulture, $"bank/{bank}/import/{list}")
            : $"bank/{bank}";
        await audit.AppendAsync(transaction, new AuditEntry { Action = kind, Actor = by, Subject = subject });
    }

    public static async Task<IReadOnlyList<BankChange>> AfterAsync(DbConnection connection, long sequence, int limit)
    {
        var rows = await connection.QueryAsync<Row>(
            """
            SELECT seq AS Seq, kind AS Kind, bank_id AS BankId, signal_id AS SignalId, import_id AS ImportId,
                   changed_at AS ChangedAt, changed_by AS ChangedBy
            FROM bank_change WHERE seq > @sequence ORDER BY seq LIMIT @limit
            """,
            new { sequence, limit });
        return [.. rows.Select(row => row.ToChange())];
    }

    private sealed record Row(
        long Seq, string Kind, long BankId, long? SignalId, long? ImportId, long ChangedAt, string ChangedBy)
    {
        public BankChange ToChange() => new()
        {
            Sequence = Seq,
            Kind = Kind,
            Bank = new BankId(BankId),
            Signal = SignalId is { } signal ? new SignalId(signal) : null,
            Import = ImportId,
            At = DateTimeOffset.FromUnixTimeMilliseconds(ChangedAt),
            By = ChangedBy,
        };
    }
}
