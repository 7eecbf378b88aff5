using System.Data.Common;
using Dapper;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Evidence;

/// <summary>Where a piece of evidence stands.</summary>
public enum EvidenceState
{
    /// <summary>Its bytes are in the folder and its keys are kept.</summary>
    Sealed,

    /// <summary>Its keys are destroyed, so nothing can open it; its bytes are gone or about to go.</summary>
    Destroyed,
}

/// <summary>What is known of a piece of evidence without opening it.</summary>
public sealed record EvidenceRecord
{
    public required EvidenceId Id { get; init; }

    /// <summary>Text of the case's id.</summary>
    public required string CaseId { get; init; }

    public required EvidenceState State { get; init; }

    /// <summary>Size of the clear bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 of the sealed file, which is also its name. Tells nothing about the content.</summary>
    public required byte[] SealedSha256 { get; init; }

    public required DateTimeOffset AdmittedAt { get; init; }

    public DateTimeOffset? DestroyedAt { get; init; }

    internal byte[] Header { get; init; } = [];

    internal byte[] FactsSha256 { get; init; } = [];
}

/// <summary>The rows of evidence, each with its keyed checksum.</summary>
internal sealed class EvidenceTable(RowCheck check)
{
    private const string Select =
        """
        SELECT id, case_id AS CaseId, state, size_bytes AS SizeBytes, header, sealed_sha256 AS SealedSha256,
               facts_sha256 AS FactsSha256, admitted_at AS AdmittedAt, destroyed_at AS DestroyedAt, check_value AS CheckValue
        FROM evidence
        """;

    /// <summary>The table for whoever reads it without the vault.</summary>
    internal static EvidenceTable Open(BankKey key) => new(new RowCheck(key.DeriveFor(EvidenceVault.RowPurpose)));

    public async Task InsertAsync(DbTransaction transaction, EvidenceRecord record)
    {
        var row = Row.Of(record);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO evidence (id, case_id, state, size_bytes, header, sealed_sha256, facts_sha256, admitted_at, destroyed_at, check_value)
            VALUES (@Id, @CaseId, @State, @SizeBytes, @Header, @SealedSha256, @FactsSha256, @AdmittedAt, @DestroyedAt, @CheckValue)
            """,
            row with { CheckValue = check.Of(row.Columns) },
            transaction);
    }

    public async Task UpdateStateAsync(DbTransaction transaction, EvidenceRecord record)
    {
        var row = Row.Of(record);
        await transaction.Connection!.ExecuteAsync(
            "UPDATE evidence SET state = @State, destroyed_at = @DestroyedAt, check_value = @CheckValue WHERE id = @Id",
            row with { CheckValue = check.Of(row.Columns) },
            transaction);
    }

    /// <exception cref="EvidenceDamagedException">The row was changed.</exception>
    public async Task<EvidenceRecord?> FindAsync(DbConnection connection, EvidenceId id, DbTransaction? transaction = null) =>
        await connection.QuerySingleOrDefaultAsync<Row>(
            Select + " WHERE id = @id", new { id = id.ToString() }, transaction) is { } row
            ? Checked(row)
            : null;

    public async Task<IReadOnlyList<EvidenceRecord>> OfCaseAsync(DbConnection connection, string caseId, DbTransaction? transaction = null) =>
        [.. (await connection.QueryAsync<Row>(
            Select + " WHERE case_id = @caseId ORDER BY admitted_at, id", new { caseId }, transaction)).Select(Checked)];

    /// <summary>Looks at every record, so that nothing is removed on the word of one that was changed.</summary>
    /// <exception cref="EvidenceDamagedException">A record was changed.</exception>
    public Task CheckAllAsync(DbConnection connection)
    {
        foreach (var row in connection.Query<Row>(Select, buffered: false))
        {
            Checked(row);
        }

        return Task.CompletedTask;
    }

    /// <summary>The states of the evidence whose bytes are in this file; none for an orphan.</summary>
    /// <remarks>A state that damage made unreadable counts as sealed: the file is not taken for an orphan, and the record's own check names it.</remarks>
    public static async Task<IReadOnlyList<EvidenceState>> StatesOfFileAsync(DbConnection connection, byte[] sealedSha256) =>
        [.. (await connection.QueryAsync<string>("SELECT state FROM evidence WHERE sealed_sha256 = @sealedSha256", new { sealedSha256 }))
            .Select(word => Words.TryParse<EvidenceState>(word, out var state) ? state : EvidenceState.Sealed)];

    private EvidenceRecord Checked(Row row)
    {
        if (!EvidenceId.TryParse(row.Id, out var id))
        {
            throw new StoreUnusableException("A record of evidence has no proper id. Restore the store from a backup.");
        }

        return check.Fits(row.CheckValue, row.Columns) ? row.ToRecord(id) : throw new EvidenceDamagedException(id, "its record was changed");
    }

    private sealed record Row(
        string Id, string CaseId, string State, long SizeBytes, byte[] Header, byte[] SealedSha256, byte[] FactsSha256,
        long AdmittedAt, long? DestroyedAt, byte[] CheckValue)
    {
        public object?[] Columns =>
            ["evidence", Id, CaseId, State, SizeBytes, Header, SealedSha256, FactsSha256, AdmittedAt, DestroyedAt];

        public static Row Of(EvidenceRecord record) => new(
            record.Id.ToString(), record.CaseId, Words.Of(record.State), record.SizeBytes, record.Header, record.SealedSha256,
            record.FactsSha256, record.AdmittedAt.ToUnixTimeMilliseconds(), record.DestroyedAt?.ToUnixTimeMilliseconds(), []);

        public EvidenceRecord ToRecord(EvidenceId id) => new()
        {
            Id = id,
            CaseId = CaseId,
            State = Words.Parse<EvidenceState>(State),
            SizeBytes = SizeBytes,
            Header = Header,
            SealedSha256 = SealedSha256,
            FactsSha256 = FactsSha256,
            AdmittedAt = DateTimeOffset.FromUnixTimeMilliseconds(AdmittedAt),
            DestroyedAt = DestroyedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        };
    }
}
