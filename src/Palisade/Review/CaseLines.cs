using System.Data.Common;
using System.Text.Json;
using Dapper;
using Palisade.Evidence;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>What hangs below a case: its uploads, notes and decisions. Lines are added; none changes but a decision that is undone.</summary>
internal sealed class CaseLines(RecordSeal seal)
{
    /// <summary>Most uploads that one look at a case shows.</summary>
    public const int MostShown = 200;

    private const string UploadColumns =
        """
        SELECT source_id AS SourceId, case_id AS CaseId, position AS Position, service AS Service, verdict AS Verdict,
               evidence_id AS EvidenceId, evidence_gap AS EvidenceGap, came_at AS CameAt, facts AS Facts
        FROM case_upload
        """;

    /// <returns>SHA-256 of the sealed facts, by which the audit log can hold the row to its word.</returns>
    public async Task<byte[]> AddUploadAsync(DbTransaction transaction, CaseId id, CaseUpload upload)
    {
        var row = new UploadRow(
            upload.Source, id.ToString(), upload.Position, upload.Service, upload.Verdict is { } verdict ? Words.Of(verdict) : null,
            upload.Evidence?.ToString(), upload.Gap is { } gap ? Words.Of(gap) : null, upload.CameAt.ToUnixTimeMilliseconds(), []);
        row = row with { Facts = Sealed(upload.Facts, row.Bound()) };
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO case_upload (source_id, case_id, position, service, verdict, evidence_id, evidence_gap, came_at, facts)
            VALUES (@SourceId, @CaseId, @Position, @Service, @Verdict, @EvidenceId, @EvidenceGap, @CameAt, @Facts)
            """,
            row,
            transaction);
        return DigestOf(row.Facts);
    }

    /// <summary>Uploads of a case from a position on, in order.</summary>
    public async Task<IReadOnlyList<CaseUpload>> UploadsAsync(
        DbConnection connection, CaseId id, long afterPosition, int limit, DbTransaction? transaction = null) =>
    [
        .. (await connection.QueryAsync<UploadRow>(
            $"{UploadColumns} WHERE case_id = @id AND position > @afterPosition ORDER BY position LIMIT @limit",
            new { id = id.ToString(), afterPosition, limit },
            transaction)).Select(Open),
    ];

    public async Task<(CaseId Case, CaseUpload Upload)?> FindUploadAsync(DbConnection connection, string source) =>
        await connection.QuerySingleOrDefaultAsync<UploadRow>($"{UploadColumns} WHERE source_id = @source", new { source }) is { } row &&
        CaseId.TryParse(row.CaseId, out var id)
            ? (id, Open(row))
            : null;

    /// <summary>The surface that a piece of evidence of this case came through; null when no upload of it names the evidence.</summary>
    public async Task<string?> ServiceOfAsync(
        DbConnection connection, CaseId id, EvidenceId evidence, DbTransaction? transaction = null) =>
        await connection.QueryFirstOrDefaultAsync<UploadRow>(
            $"{UploadColumns} WHERE case_id = @id AND evidence_id = @evidence ORDER BY position",
            new { id = id.ToString(), evidence = evidence.ToString() },
            transaction) is { } row
            ? Open(row).Service
            : null;

    public async Task<(CaseNote Note, byte[] Digest)> AddNoteAsync(
        DbTransaction transaction, CaseId id, string by, string text, DateTimeOffset now)
    {
        var row = new NoteRow(id.ToString(), await NextAsync(transaction, "case_note", id), now.ToUnixTimeMilliseconds(), []);
        row = row with { Facts = Sealed(new NotePart(by, text), row.Bound()) };
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO case_note (case_id, position, written_at, facts) VALUES (@CaseId, @Position, @WrittenAt, @Facts)",
            row,
            transaction);
        return (new CaseNote(row.Position, by, now, text), DigestOf(row.Facts));
    }

    public async Task<IReadOnlyList<CaseNote>> NotesAsync(DbConnection connection, CaseId id) =>
    [
        .. (await connection.QueryAsync<NoteRow>(
            """
            SELECT case_id AS CaseId, position AS Position, written_at AS WrittenAt, facts AS Facts
            FROM case_note WHERE case_id = @id ORDER BY position
            """,
            new { id = id.ToString() })).Select(row =>
            {
                var part = Opened<NotePart>(row.Facts, row.Bound());
                return new CaseNote(row.Position, part.By, Moment.At(row.WrittenAt), part.Text);
            }),
    ];

    public async Task<(long Position, byte[] Digest)> AddDecisionAsync(DbTransaction transaction, CaseId id, CaseDecision decision)
    {
        var row = new DecisionRow(
            id.ToString(), await NextAsync(transaction, "case_decision", id), decision.DecidedAt.ToUnixTimeMilliseconds(),
            decision.EffectiveAt.ToUnixTimeMilliseconds(), decision.UndoneAt?.ToUnixTimeMilliseconds(), []);
        row = row with { Facts = Sealed(decision, row.Bound()) };
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO case_decision (case_id, position, decided_at, effective_at, undone_at, facts)
            VALUES (@CaseId, @Position, @DecidedAt, @EffectiveAt, @UndoneAt, @Facts)
            """,
            row,
            transaction);
        return (row.Position, DigestOf(row.Facts));
    }

    /// <summary>The one line that changes: it says from then on when it was undone.</summary>
    public async Task<byte[]> UndoDecisionAsync(DbTransaction transaction, CaseId id, long position, CaseDecision undone)
    {
        var row = new DecisionRow(
            id.ToString(), position, undone.DecidedAt.ToUnixTimeMilliseconds(), undone.EffectiveAt.ToUnixTimeMilliseconds(),
            undone.UndoneAt?.ToUnixTimeMilliseconds(), []);
        row = row with { Facts = Sealed(undone, row.Bound()) };
        await transaction.Connection!.ExecuteAsync(
            "UPDATE case_decision SET undone_at = @UndoneAt, facts = @Facts WHERE case_id = @CaseId AND position = @Position",
            row,
            transaction);
        return DigestOf(row.Facts);
    }

    public async Task<IReadOnlyList<CaseDecision>> DecisionsAsync(
        DbConnection connection, CaseId id, DbTransaction? transaction = null) =>
    [
        .. (await connection.QueryAsync<DecisionRow>(
            """
            SELECT case_id AS CaseId, position AS Position, decided_at AS DecidedAt, effective_at AS EffectiveAt,
                   undone_at AS UndoneAt, facts AS Facts
            FROM case_decision WHERE case_id = @id ORDER BY position
            """,
            new { id = id.ToString() },
            transaction)).Select(row => Opened<CaseDecision>(row.Facts, row.Bound())),
    ];

    /// <summary>Only under the lock of cases, so that no two lines take one place.</summary>
    private static async Task<long> NextAsync(DbTransaction transaction, string table, CaseId id) =>
        await transaction.Connection!.QuerySingleAsync<long>(
            $"SELECT COUNT(*) FROM {table} WHERE case_id = @id", new { id = id.ToString() }, transaction) + 1;

    private CaseUpload Open(UploadRow row) => new()
    {
        Source = row.SourceId,
        Position = row.Position,
        Service = row.Service,
        Verdict = row.Verdict is { } verdict ? Words.Parse<VerdictAction>(verdict) : null,
        Evidence = EvidenceId.TryParse(row.EvidenceId, out var evidence) ? evidence : null,
        Gap = row.EvidenceGap is { } gap ? Words.Parse<EvidenceGap>(gap) : null,
        CameAt = Moment.At(row.CameAt),
        Facts = Opened<CaseUploadFacts>(row.Facts, row.Bound()),
    };

    private byte[] Sealed<T>(T part, string bound) =>
        seal.Seal(JsonSerializer.SerializeToUtf8Bytes(part, JsonSerializerOptions.Web), bound);

    private T Opened<T>(byte[] facts, string bound) =>
        JsonSerializer.Deserialize<T>(seal.Open(facts, bound), JsonSerializerOptions.Web)!;

    private static byte[] DigestOf(byte[] facts) => System.Security.Cryptography.SHA256.HashData(facts);

    private sealed record NotePart(string By, string Text);

    private sealed record UploadRow(
        string SourceId, string CaseId, long Position, string Service, string? Verdict, string? EvidenceId, string? EvidenceGap,
        long CameAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant(
            $"case_upload|{SourceId}|{CaseId}|{Position}|{Service}|{Verdict}|{EvidenceId}|{EvidenceGap}|{CameAt}");
    }

    private sealed record NoteRow(string CaseId, long Position, long WrittenAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant($"case_note|{CaseId}|{Position}|{WrittenAt}");
    }

    private sealed record DecisionRow(
        string CaseId, long Position, long DecidedAt, long EffectiveAt, long? UndoneAt, byte[] Facts)
    {
        public string Bound() =>
            FormattableString.Invariant($"case_decision|{CaseId}|{Position}|{DecidedAt}|{EffectiveAt}|{UndoneAt}");
    }
}
