using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using NSec.Cryptography;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// What is done with keys once in a long while, by people: the first pair, another operator's key, the bank key brought back.
/// </summary>
public sealed class KeyCeremony(SealingKeys keys)
{
    public const string TooShort =
        "Take at least 12 bytes: whoever gets a copy of the store may guess as often as he likes. Six random words are good.";

    /// <summary>The bank key, wrapped like a data key, so that a lost file can be brought back and a rotation finds it.</summary>
    internal const string BankKeyBound = "bank-key/1";

    /// <summary>What an audit entry about the bank key names.</summary>
    public const string BankKeySubject = "key/bank";

    /// <summary>Makes the first pair, with its private half wrapped for a passphrase or a command's output.</summary>
    /// <returns>Null when made, else why not, in words for the operator.</returns>
    public async Task<string?> InitialiseAsync(OperatorSecret secret, Actor actor, CancellationToken cancellationToken)
    {
        if (secret.Bytes.Length < OperatorSecret.ShortestBytes)
        {
            return TooShort;
        }

        var operatorKey = OperatorKey.Make(number: 1, secret, out var key);
        return await MakeFirstAsync(operatorKey, key, actor, cancellationToken);
    }

    /// <summary>Makes the first pair, with its private half wrapped for any <paramref name="threshold"/> of the shares.</summary>
    /// <returns>The shares, to be shown once, each to another officer; none and a reason when there is a pair already.</returns>
    public async Task<(IReadOnlyList<string> Shares, string? Refusal)> InitialiseWithSharesAsync(
        int threshold, int count, Actor actor, CancellationToken cancellationToken)
    {
        var operatorKey = OperatorKey.MakeShares(number: 1, threshold, count, out var key, out var shares);
        var refusal = await MakeFirstAsync(operatorKey, key, actor, cancellationToken);
        return refusal is null ? (shares, null) : ([], refusal);
    }

    /// <summary>Wraps the private halves for another passphrase or command; the one before opens nothing any more.</summary>
    /// <returns>Null when changed, else why not, in words for the operator.</returns>
    public async Task<string?> ChangeOperatorKeyAsync(
        OperatorSecret before, OperatorSecret after, Actor actor, CancellationToken cancellationToken) =>
        after.Bytes.Length < OperatorSecret.ShortestBytes
            ? TooShort
            : (await ChangeAsync(
                before,
                number => (OperatorKey.Make(number, after, out var key), key, []),
                actor,
                cancellationToken)).Refusal;

    /// <summary>Wraps the private halves for new shares; whatever opened them before opens nothing any more.</summary>
    public Task<(IReadOnlyList<string> Shares, string? Refusal)> ChangeToSharesAsync(
        OperatorSecret before, int threshold, int count, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        before,
        number => (OperatorKey.MakeShares(number, threshold, count, out var key, out var shares), key, shares),
        actor,
        cancellationToken);

    /// <summary>
    /// Brings the file of the bank key back from the store. Works on a store that nothing else can be opened of, since every
    /// other room needs that file; its audit entry is the caller's, once the log can be opened again.
    /// </summary>
    /// <returns>Null when the file is there again, else why not, in words for the operator.</returns>
    public static async Task<string?> RecoverBankKeyAsync(
        string folder, Store store, OperatorSecret secret, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, BankKey.FileName);
        if (File.Exists(path))
        {
            return $"{path} is there. It is not replaced.";
        }

        var (operatorKey, wrappedBankKey, check, publics, privates) = await store.ReadAsync(
            async connection => (
                await SealingKeyTable.OperatorKeyAsync(connection),
                await connection.QuerySingleOrDefaultAsync<byte[]>(
                    "SELECT wrapped FROM wrapped_key WHERE bound = @BankKeyBound", new { BankKeyBound }),
                await connection.QuerySingleOrDefaultAsync<byte[]>("SELECT check_value FROM bank_key WHERE id = 1"),
                await SealingKeyTable.UncheckedAsync(connection),
                await SealingKeyTable.PrivatesAsync(connection)),
            cancellationToken);
        if (operatorKey is null || wrappedBankKey is null || check is null)
        {
            return "The store holds no wrapped bank key, so only a backup of the file can bring it back.";
        }

        if (!operatorKey.TryOpen(secret, out var key, out var reason))
        {
            return reason;
        }

        var number = WrappedKey.NumberIn(wrappedBankKey);
        using var pair = privates.SingleOrDefault(one => one.Number == number) is { } stored && publics.TryGetValue(stored.Number, out var known)
            ? stored.Unwrap(key, known)
            : null;
        CryptographicOperations.ZeroMemory(key);
        if (pair is null || !WrappedKey.TryUnwrap(pair, wrappedBankKey, BankKeyBound, out var bankKey))
        {
            return "The wrapped bank key in the store does not open: it was changed. Restore the store from a backup.";
        }

        try
        {
            if (!BankKey.Fits(bankKey, check))
            {
                return "The wrapped bank key is another store's. Nothing was written.";
            }

            KeyFile.Create(path, bankKey);
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bankKey);
        }
    }

    /// <summary>What opens the operator's key of a store that cannot be opened whole; null when there is none.</summary>
    public static async Task<(OperatorKeyKind Kind, string Needs)?> OperatorKeyNeedsAsync(Store store, CancellationToken cancellationToken) =>
        await store.ReadAsync(SealingKeyTable.OperatorKeyAsync, cancellationToken) is { } key ? (key.Kind, key.Needs()) : null;

    private static Key NewPair() => Key.Create(
        KeyAgreementAlgorithm.X25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });

    /// <summary>The next pair, wrapped for an operator's key.</summary>
    internal static (SealingKey Key, WrappedPrivate Private) MakePair(long number, long operatorKey, byte[] key, DateTimeOffset now)
    {
        using var pair = NewPair();
        return (new SealingKey(number, pair.PublicKey, now), new WrappedPrivate(number, operatorKey, WrappedPrivate.Wrap(pair, number, key)));
    }

    internal static AuditEntry Entry(string action, SealingKey key, Actor actor, string? reason) => new()
    {
        Action = action,
        Actor = actor,
        Subject = string.Create(CultureInfo.InvariantCulture, $"sealing-key/{key.Number}"),
        Reason = reason,
        Digest = key.Digest,
    };

    private async Task<string?> MakeFirstAsync(OperatorKey operatorKey, byte[] key, Actor actor, CancellationToken cancellationToken)
    {
        var now = keys.Clock.GetUtcNow();
        var (made, secret) = MakePair(1, operatorKey.Number, key, now);
        CryptographicOperations.ZeroMemory(key);
        var bankKey = keys.BankKey.ReadFile();
        try
        {
            return await keys.Store.WriteAsync(
                async transaction =>
                {
                    if (await keys.Table.NewestAsync(transaction.Connection!, transaction) is not null)
                    {
                        return "There is a sealing key already. `palisade key show` tells of it, `palisade key rotate` makes the next one.";
                    }

                    await SealingKeyTable.AddAsync(transaction, operatorKey, now);
                    await keys.Table.AddAsync(transaction, made, secret);
                    await keys.KeepAsync(transaction, bankKey, BankKeyBound);
                    await keys.Audit.AppendAsync(transaction, Entry("key.made", made, actor, $"opened by {operatorKey.Needs()}"));
                    return null;
                },
                cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bankKey);
            await keys.RefreshAsync(CancellationToken.None);
        }
    }

    private async Task<(IReadOnlyList<string> Shares, string? Refusal)> ChangeAsync(
        OperatorSecret before,
        Func<long, (OperatorKey Made, byte[] Key, IReadOnlyList<string> Shares)> make,
        Actor actor,
        CancellationToken cancellationToken)
    {
        // Opening costs half a second of work on purpose, so it is not done while every other writer waits.
        var known = await keys.Store.ReadAsync(SealingKeyTable.OperatorKeyAsync, cancellationToken);
        if (known is null)
        {
            return ([], SealingKeys.NoKeyYet);
        }

        if (!known.TryOpen(before, out var oldKey, out var reason))
        {
            return ([], reason);
        }

        var (made, newKey, shares) = make(known.Number + 1);
        try
        {
            var refusal = await keys.Store.WriteAsync(
                transaction => ReplaceAsync(transaction, known, oldKey, made, newKey, actor), cancellationToken);
            return refusal is null ? (shares, null) : ([], refusal);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(oldKey);
            CryptographicOperations.ZeroMemory(newKey);
        }
    }

    private async Task<string?> ReplaceAsync(
        DbTransaction transaction, OperatorKey known, byte[] oldKey, OperatorKey made, byte[] newKey, Actor actor)
    {
        var connection = transaction.Connection!;
        if ((await SealingKeyTable.OperatorKeyAsync(connection, transaction))?.Number != known.Number)
        {
            return "The operator's key was changed by somebody else just now. Nothing was changed here.";
        }

        await SealingKeyTable.AddAsync(transaction, made, keys.Clock.GetUtcNow());
        var publics = (await keys.Table.ReadAsync(connection, transaction)).ToDictionary(key => key.Number);
        foreach (var stored in await SealingKeyTable.PrivatesAsync(connection, transaction))
        {
            using var pair = stored.Unwrap(oldKey, publics[stored.Number].Public) ?? throw new StoreUnusableException(
                $"The private half of sealing key {stored.Number} does not open: its record was changed. Restore the store from a backup.");
            await SealingKeyTable.ReplaceAsync(
                transaction, new WrappedPrivate(stored.Number, made.Number, WrappedPrivate.Wrap(pair, stored.Number, newKey)));
        }

        await connection.ExecuteAsync("DELETE FROM operator_key WHERE number = @Number", new { known.Number }, transaction);
        await keys.Audit.AppendAsync(
            transaction,
            new AuditEntry
            {
                Action = "key.operator-changed",
                Actor = actor,
                Subject = string.Create(CultureInfo.InvariantCulture, $"operator-key/{made.Number}"),
                Reason = $"from {known.Needs()} to {made.Needs()}",
            });
        return null;
    }
}
