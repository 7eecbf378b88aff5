using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Banks.Regions;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Protection;

/// <summary>
/// The protected photos: enrolled with a consent record, ended by their owner's word or by time.
/// </summary>
/// <remarks>
/// An end takes effect at once and needs no second person, also where it empties a bank: the photos are their owner's. It
/// withdraws the photos' signals and erases region codes, maps and who the owner was, in one transaction with the audit
/// entry; the rows of the signals stay, withdrawn and sealed, as every signal's do.
/// </remarks>
public sealed class ProtectionBook(
    Store store, BankKey key, BankRegistry banks, RegionRegister regions, AuditLog audit, TimeProvider clock)
{
    private const string Sequence = "protection";

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade protection v1"u8));

    /// <summary>Enrols photos, live at once.</summary>
    /// <returns>The record, or why nothing was enrolled.</returns>
    public async Task<BankAnswer<PhotoProtection>> ProtectAsync(
        BankId bank,
        IReadOnlyList<ProtectedPhoto> photos,
        ProtectionConsent consent,
        DateTimeOffset expiresAt,
        Actor by,
        CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        if (consent.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (expiresAt <= now)
        {
            return new BankRefused.BadSetting("expires", "it must lie ahead.");
        }

        using var cipher = key.NewCipher();
        var answer = await store.WriteAsync<BankAnswer<PhotoProtection>>(
            async transaction =>
            {
                var wishes = photos.Sum(photo => photo.Signals.Count);
                var id = await Sequences.TakeAsync(transaction, SignalTable.Sequence, wishes);
                if (await BankTable.FindAsync(transaction.Connection!, bank, transaction) is not { } into)
                {
                    return new BankRefused.NoSuchBank();
                }

                if (into.Purpose != BankPurpose.ProtectedPhoto)
                {
                    return new BankRefused.BadSetting("bank", "its purpose must be protected-photo.");
                }

                var signals = new HashSet<SignalId>();
                foreach (var photo in photos)
                {
                    signals.UnionWith(await EnrolAsync(transaction, into, id, photo, cipher, by));
                    id += photo.Signals.Count;
                }

                var protection = new PhotoProtection
                {
                    Number = await Sequences.TakeAsync(transaction, Sequence),
                    Bank = bank,
                    BegunAt = now,
                    ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(expiresAt.ToUnixTimeMilliseconds()),
                    Consent = consent,
                    Signals = [.. signals],
                };
                await InsertAsync(transaction, protection);
                await LogAsync(transaction, "photos.protected", protection.Number, by);
                return protection;
            },
            cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return answer;
    }

    /// <summary>Ends a protection by its owner's word.</summary>
    /// <returns>Null when there is none of that number that has not ended.</returns>
    public async Task<PhotoProtection?> WithdrawAsync(long number, Actor by, CancellationToken cancellationToken)
    {
        var ended = await store.WriteAsync(
            transaction => EndAsync(transaction, number, ProtectionEnd.Withdrawn, by), cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return ended;
    }

    /// <summary>Ends what has expired.</summary>
    /// <returns>How many protections ended.</returns>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var due = await store.ReadAsync(
            async connection => (await connection.QueryAsync<long>(
                "SELECT id FROM protection WHERE ended_at IS NULL AND expires_at <= @now ORDER BY id LIMIT 1000",
                new { now = clock.GetUtcNow().ToUnixTimeMilliseconds() })).ToList(),
            cancellationToken);
        var ended = 0;
        foreach (var number in due)
        {
            ended += await store.WriteAsync(
                transaction => EndAsync(transaction, number, ProtectionEnd.Expired, Actor.Palisade), cancellationToken) is null ? 0 : 1;
        }

        store.Feeds.Ring(BankChangeLog.Feed);
        return ended;
    }

    /// <summary>All of them, the oldest first, those that ended too.</summary>
    public Task<IReadOnlyList<PhotoProtection>> ListAsync(CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<PhotoProtection>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>($"{Columns} ORDER BY id")).Select(Open),
            ],
            cancellationToken);

    /// <summary>One of them with its signals; that somebody looked at its owner is on the audit log first.</summary>
    public async Task<PhotoProtection?> ViewAsync(long number, Actor viewer, CancellationToken cancellationToken)
    {
        await audit.RecordAsync(
            new AuditEntry { Action = "protection.viewed", Actor = viewer, Subject = SubjectOf(number) }, cancellationToken);
        return await store.ReadAsync(connection => FindAsync(connection, number, transaction: null), cancellationToken);
    }

    /// <summary>Which running protections a signal belongs to: whom to tell when something is found.</summary>
    public Task<IReadOnlyList<long>> OfSignalAsync(SignalId signal, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<long>>(
            async connection =>
            [
                .. await connection.QueryAsync<long>(
                    """
                    SELECT p.id FROM protection p JOIN protection_signal s ON s.protection_id = p.id
                    WHERE s.signal_id = @Number AND p.ended_at IS NULL ORDER BY p.id
                    """,
                    signal),
            ],
            cancellationToken);

    private const string Columns =
        """
        SELECT id AS Id, bank_id AS BankId, begun_at AS BegunAt, expires_at AS ExpiresAt, ended_at AS EndedAt,
               ended_why AS EndedWhy, facts AS Facts
        FROM protection
        """;

    private async Task<List<SignalId>> EnrolAsync(
        DbTransaction transaction, Bank bank, long firstId, ProtectedPhoto photo, SignalCipher cipher, Actor by)
    {
        var held = new List<SignalId>();
        foreach (var wish in photo.Signals)
        {
            var answer = await banks.AddOneAsync(transaction, bank, new SignalId(firstId++), wish, cipher, by);
            if (answer.Value is { } added)
            {
                held.Add(added.Id);
            }
            else if (answer.Refusal is BankRefused.AlreadyThere there)
            {
                held.Add(there.Signal);
                if (there.State == SignalState.Withdrawn)
                {
                    // It was protected before, and is again.
                    await SetStateAsync(transaction, bank.Id, there.Signal, SignalState.Live, by);
                }
            }
        }

        if (held.Count > 0 && photo.Regions.Codes is { } codes)
        {
            await regions.AddAsync(transaction, held[0], codes, photo.Regions.Map, by);
        }

        return held;
    }

    private async Task<PhotoProtection?> EndAsync(DbTransaction transaction, long number, ProtectionEnd why, Actor by)
    {
        await Sequences.TakeAsync(transaction, SignalTable.Sequence, count: 0);
        if (await FindAsync(transaction.Connection!, number, transaction) is not { EndedAt: null } protection)
        {
            return null;
        }

        var ended = protection with { EndedAt = clock.GetUtcNow(), EndedWhy = why, Consent = null };
        await transaction.Connection!.ExecuteAsync(
            "UPDATE protection SET ended_at = @at, ended_why = @why, facts = NULL WHERE id = @number",
            new { number, at = ended.EndedAt.Value.ToUnixTimeMilliseconds(), why = Words.Of(why) },
            transaction);
        foreach (var signal in protection.Signals)
        {
            // Another owner's word may still stand for the same photo.
            if (await transaction.Connection!.QuerySingleAsync<long>(
                """
                SELECT COUNT(*) FROM protection p JOIN protection_signal s ON s.protection_id = p.id
                WHERE s.signal_id = @Number AND p.ended_at IS NULL
                """,
                signal,
                transaction) == 0)
            {
                await regions.EraseAsync(transaction, signal, by);
                await SetStateAsync(transaction, protection.Bank, signal, SignalState.Withdrawn, by);
            }
        }

        await LogAsync(transaction, why == ProtectionEnd.Expired ? "protection.expired" : "protection.withdrawn", number, by);
        return ended;
    }

    private async Task SetStateAsync(DbTransaction transaction, BankId bank, SignalId signal, SignalState state, Actor by)
    {
        await transaction.Connection!.ExecuteAsync(
            "UPDATE signal SET state = @state, disabled_until = NULL WHERE id = @id",
            new { id = signal.Number, state = (long)state },
            transaction);
        await BankChangeLog.AppendAsync(
            transaction, audit, state == SignalState.Live ? BankChange.SignalLive : BankChange.SignalWithdrawn, bank, signal,
            import: null, clock.GetUtcNow(), by);
    }

    private async Task InsertAsync(DbTransaction transaction, PhotoProtection protection)
    {
        var row = new Row
        {
            Id = protection.Number,
            BankId = protection.Bank.Number,
            BegunAt = protection.BegunAt.ToUnixTimeMilliseconds(),
            ExpiresAt = protection.ExpiresAt.ToUnixTimeMilliseconds(),
        };
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO protection (id, bank_id, begun_at, expires_at, facts) VALUES (@Id, @BankId, @BegunAt, @ExpiresAt, @Facts)",
            row with { Facts = _seal.Seal(JsonSerializer.SerializeToUtf8Bytes(protection.Consent, JsonSerializerOptions.Web), row.Bound()) },
            transaction);
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO protection_signal (protection_id, signal_id) VALUES (@protection, @signal)",
            protection.Signals.Select(signal => new { protection = protection.Number, signal = signal.Number }),
            transaction);
    }

    private async Task<PhotoProtection?> FindAsync(DbConnection connection, long number, DbTransaction? transaction)
    {
        if (await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE id = @number", new { number }, transaction) is not { } row)
        {
            return null;
        }

        var signals = await connection.QueryAsync<long>(
            "SELECT signal_id FROM protection_signal WHERE protection_id = @number ORDER BY signal_id", new { number }, transaction);
        return Open(row) with { Signals = [.. signals.Select(signal => new SignalId(signal))] };
    }

    private PhotoProtection Open(Row row) => new()
    {
        Number = row.Id,
        Bank = new BankId(row.BankId),
        BegunAt = DateTimeOffset.FromUnixTimeMilliseconds(row.BegunAt),
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(row.ExpiresAt),
        EndedAt = row.EndedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        EndedWhy = row.EndedWhy is { } why ? Words.Parse<ProtectionEnd>(why) : null,
        Consent = row.Facts is { } facts
            ? JsonSerializer.Deserialize<ProtectionConsent>(_seal.Open(facts, row.Bound()), JsonSerializerOptions.Web) : null,
    };

    private Task<long> LogAsync(DbTransaction transaction, string action, long number, Actor by) =>
        audit.AppendAsync(transaction, new AuditEntry { Action = action, Actor = by, Subject = SubjectOf(number) });

    private static string SubjectOf(long number) => "protection/" + number.ToString(CultureInfo.InvariantCulture);

    private sealed record Row
    {
        public long Id { get; init; }

        public long BankId { get; init; }

        public long BegunAt { get; init; }

        public long ExpiresAt { get; init; }

        public long? EndedAt { get; init; }

        public string? EndedWhy { get; init; }

        public byte[]? Facts { get; init; }

        /// <summary>Of what never changes.</summary>
        public string Bound() => FormattableString.Invariant($"protection|{Id}|{BankId}|{BegunAt}|{ExpiresAt}");
    }
}
