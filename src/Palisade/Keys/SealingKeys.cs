using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using NSec.Cryptography;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// The pair under which data keys are wrapped. Everybody may seal with the public half; only an unsealed service opens.
/// </summary>
/// <remarks>
/// The private half is in memory only between <see cref="UnsealAsync"/> and <see cref="SealAsync"/>, in pages of libsodium that
/// are locked, left out of dumps and zeroed. At rest it is wrapped by the operator's key, of which the service keeps nothing.
/// </remarks>
public sealed class SealingKeys : IDisposable
{
    internal const string NoKeyYet = "There is no sealing key yet. Make one with `palisade key init`.";

    private readonly Store _store;
    private readonly BankKey _bankKey;
    private readonly AuditLog _audit;
    private readonly TimeProvider _clock;
    private readonly SealingKeyTable _table;

    // Replaced whole, never changed: readers take no lock.
    private volatile SealingKey? _newest;
    private volatile ImmutableDictionary<long, Key> _privates = ImmutableDictionary<long, Key>.Empty;

    private SealingKeys(Store store, BankKey bankKey, AuditLog audit, TimeProvider clock)
    {
        _store = store;
        _bankKey = bankKey;
        _audit = audit;
        _clock = clock;
        _table = new SealingKeyTable(NewRowCheck("sealing keys v1"u8));
    }

    /// <summary>Whether there is a public half to seal with. Without one no bytes are kept, only facts of scans.</summary>
    public bool CanSeal => _newest is not null;

    /// <summary>Whether some private half is in memory, be it of an older key than the newest.</summary>
    public bool HoldsPrivates => !_privates.IsEmpty;

    /// <summary>Whether what was sealed with the newest key can be opened.</summary>
    public bool IsUnsealed => _newest is { } newest && _privates.ContainsKey(newest.Number);

    internal Store Store => _store;

    internal BankKey BankKey => _bankKey;

    internal AuditLog Audit => _audit;

    internal TimeProvider Clock => _clock;

    internal SealingKeyTable Table => _table;

    /// <summary>Reads the public halves. There may be none yet: <see cref="KeyCeremony"/> makes the first pair.</summary>
    /// <exception cref="StoreUnusableException">A key was changed or is another store's; the text says what to do.</exception>
    public static async Task<SealingKeys> OpenAsync(
        Store store, BankKey bankKey, AuditLog audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var keys = new SealingKeys(store, bankKey, audit, clock);
        await keys.RefreshAsync(cancellationToken);
        return keys;
    }

    /// <summary>Looks whether another process made a newer key.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken) =>
        _newest = await _store.ReadAsync(_table.NewestAsync, cancellationToken);

    /// <summary>Takes the private halves into memory. The attempt is on the audit log before it is made, and so is its end.</summary>
    /// <returns>Null when unsealed, else why not, in words for the operator.</returns>
    /// <exception cref="AuditUnavailableException">The log took no entry; the service stays sealed.</exception>
    public async Task<string?> UnsealAsync(OperatorSecret secret, Actor actor, string reason, CancellationToken cancellationToken)
    {
        var asked = await _audit.RecordAsync(Entry("service.unseal-asked", actor, $"by {secret}: {reason}"), cancellationToken);
        var (opened, refusal) = await OpenPrivatesAsync(secret, cancellationToken);
        var result = refusal is null ? Entry("service.unsealed", actor, null) : Entry("service.unseal-refused", actor, refusal);
        try
        {
            await _audit.RecordAsync(result with { ResultOf = asked }, CancellationToken.None);
        }
        catch
        {
            Dispose(opened);
            throw;
        }

        if (refusal is null)
        {
            await RefreshAsync(CancellationToken.None);
            Dispose(Interlocked.Exchange(ref _privates, opened));
        }

        return refusal;
    }

    /// <summary>
    /// Takes the private halves into memory of a process that only reads and cannot write the log. Whoever runs it has put the
    /// use of the key on the log before.
    /// </summary>
    /// <returns>Null when unsealed, else why not.</returns>
    internal async Task<string?> OpenForVerificationAsync(OperatorSecret secret, CancellationToken cancellationToken)
    {
        var (opened, refusal) = await OpenPrivatesAsync(secret, cancellationToken);
        Dispose(Interlocked.Exchange(ref _privates, opened));
        return refusal;
    }

    /// <summary>Forgets the private halves. They are gone from memory before the log is asked, so sealing never waits for it.</summary>
    public async Task SealAsync(Actor actor, string reason, CancellationToken cancellationToken)
    {
        Dispose(Interlocked.Exchange(ref _privates, ImmutableDictionary<long, Key>.Empty));
        await _audit.RecordAsync(Entry("service.sealed", actor, reason), cancellationToken);
    }

    /// <summary>Wraps a data key for the newest sealing key known here. Possible while the service is sealed.</summary>
    /// <param name="bound">Id, purpose and version of the thing that the key opens; unwrapping needs the very same.</param>
    /// <exception cref="NoSealingKeyException">There is no sealing key yet.</exception>
    public byte[] Wrap(ReadOnlySpan<byte> dataKey, string bound) =>
        _newest is { } newest
            ? WrappedKey.Wrap(newest.Number, newest.Public, dataKey, bound)
            : throw new NoSealingKeyException();

    /// <returns>The data key, for the caller to zero.</returns>
    /// <exception cref="SealedServiceException">The private half is not in memory.</exception>
    /// <exception cref="StoreUnusableException">The wrapped key was changed, or belongs to something else.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string bound)
    {
        var number = WrappedKey.NumberIn(wrapped) ?? throw Damaged(bound);
        if (!_privates.TryGetValue(number, out var key))
        {
            throw new SealedServiceException();
        }

        try
        {
            return WrappedKey.TryUnwrap(key, wrapped, bound, out var dataKey) ? dataKey : throw Damaged(bound);
        }
        catch (ObjectDisposedException)
        {
            // Sealed by another call between the two lines above.
            throw new SealedServiceException();
        }
    }

    /// <summary>
    /// Wraps a data key and keeps it under the name of the thing it opens, where a rotation finds it, in the transaction that
    /// records the thing. The key that is newest for the transaction is taken, whatever this process knew.
    /// </summary>
    public async Task KeepAsync(DbTransaction transaction, byte[] dataKey, string bound)
    {
        var newest = await _table.NewestAsync(transaction.Connection!, transaction) ?? throw new NoSealingKeyException();
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO wrapped_key (bound, sealing_key, wrapped) VALUES (@bound, @Number, @wrapped)",
            new { bound, newest.Number, wrapped = WrappedKey.Wrap(newest.Number, newest.Public, dataKey, bound) },
            transaction);
    }

    /// <summary>Unwraps a data key that was kept; null when it was destroyed or never was.</summary>
    /// <exception cref="SealedServiceException">The private half is not in memory.</exception>
    public async Task<byte[]?> FindKeptAsync(string bound, CancellationToken cancellationToken)
    {
        var wrapped = await _store.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<byte[]>(
                "SELECT wrapped FROM wrapped_key WHERE bound = @bound", new { bound }),
            cancellationToken);
        return wrapped is null ? null : Unwrap(wrapped, bound);
    }

    /// <summary>Every sealing key that there ever was, oldest first.</summary>
    public Task<IReadOnlyList<SealingKeyFacts>> ListAsync(CancellationToken cancellationToken) => _store.ReadAsync(_table.ListAsync, cancellationToken);

    /// <summary>What opens the operator's key, in words, and which kind it is; null when there is none yet.</summary>
    public Task<(OperatorKeyKind Kind, string Needs)?> OperatorKeyNeedsAsync(CancellationToken cancellationToken) =>
        KeyCeremony.OperatorKeyNeedsAsync(_store, cancellationToken);

    /// <summary>Destroys a data key, and with it the thing that it opens, wherever copies of that lie.</summary>
    internal static Task<int> ForgetAsync(DbTransaction transaction, string bound) => transaction.Connection!.ExecuteAsync(
        "DELETE FROM wrapped_key WHERE bound = @bound", new { bound }, transaction);

    /// <summary>A checksum for the rows of one room, under a key that is there while the service is sealed.</summary>
    internal RowCheck NewRowCheck(ReadOnlySpan<byte> purpose) => new(_bankKey.DeriveFor(purpose));

    public void Dispose() => Dispose(Interlocked.Exchange(ref _privates, ImmutableDictionary<long, Key>.Empty));

    private static void Dispose(ImmutableDictionary<long, Key> privates)
    {
        foreach (var key in privates.Values)
        {
            key.Dispose();
        }
    }

    private static AuditEntry Entry(string action, Actor actor, string? reason) =>
        new() { Action = action, Actor = actor, Subject = "service/sealing", Reason = reason };

    private static StoreUnusableException Damaged(string bound) => new(
        $"The wrapped key of {bound} was changed or is damaged, so nothing of it is opened. Restore the store from a backup.");

    private async Task<(ImmutableDictionary<long, Key> Opened, string? Refusal)> OpenPrivatesAsync(
        OperatorSecret secret, CancellationToken cancellationToken)
    {
        var (stored, publics, operatorKey) = await _store.ReadAsync(
            async connection => (
                await SealingKeyTable.PrivatesAsync(connection),
                await _table.ReadAsync(connection),
                await SealingKeyTable.OperatorKeyAsync(connection)),
            cancellationToken);
        if (operatorKey is null)
        {
            return (ImmutableDictionary<long, Key>.Empty, NoKeyYet);
        }

        if (!operatorKey.TryOpen(secret, out var key, out var reason))
        {
            return (ImmutableDictionary<long, Key>.Empty, reason);
        }

        try
        {
            return Unwrap(stored, publics.ToDictionary(one => one.Number), key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static (ImmutableDictionary<long, Key> Opened, string? Refusal) Unwrap(
        IReadOnlyList<WrappedPrivate> stored, Dictionary<long, SealingKey> publics, byte[] operatorKey)
    {
        var opened = ImmutableDictionary.CreateBuilder<long, Key>();
        foreach (var row in stored)
        {
            if (publics.TryGetValue(row.Number, out var known) && row.Unwrap(operatorKey, known.Public) is { } key)
            {
                opened.Add(row.Number, key);
                continue;
            }

            Dispose(opened.ToImmutable());
            return (ImmutableDictionary<long, Key>.Empty, string.Create(
                CultureInfo.InvariantCulture,
                $"The private half of sealing key {row.Number} does not open: its record was changed. Restore the store from a backup."));
        }

        return (opened.ToImmutable(), null);
    }
}
