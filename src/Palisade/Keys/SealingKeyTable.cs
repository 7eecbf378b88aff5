using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using NSec.Cryptography;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>The public half of one sealing key.</summary>
internal sealed record SealingKey(long Number, PublicKey Public, DateTimeOffset MadeAt)
{
    /// <summary>SHA-256 of the public half: what an audit entry and an approval name it by.</summary>
    public byte[] Digest => SHA256.HashData(Public.Export(KeyBlobFormat.RawPublicKey));
}

/// <summary>Where a sealing key stands.</summary>
public enum SealingKeyState
{
    /// <summary>New evidence is sealed with it.</summary>
    Newest,

    /// <summary>A rotation replaces it and has not reached its end.</summary>
    BeingReplaced,

    /// <summary>Its private half is destroyed.</summary>
    Retired,
}

/// <summary>What may be shown of a sealing key.</summary>
/// <param name="Fingerprint">First 16 digits of the SHA-256 of its public half.</param>
/// <param name="WrappedKeys">How many data keys are wrapped for it.</param>
public sealed record SealingKeyFacts(long Number, string Fingerprint, DateTimeOffset MadeAt, SealingKeyState State, long WrappedKeys);

/// <summary>One private half as it is stored: wrapped by an operator's key.</summary>
internal sealed record WrappedPrivate(long Number, long OperatorKey, byte[] Wrapped)
{
    public static byte[] Wrap(Key key, long number, byte[] operatorKey)
    {
        var clear = key.Export(KeyBlobFormat.RawPrivateKey);
        var wrapped = SecretBox.Seal(operatorKey, clear, Bound(number, key.PublicKey));
        CryptographicOperations.ZeroMemory(clear);
        return wrapped;
    }

    /// <returns>Null when the operator's key is another or the row was changed.</returns>
    public Key? Unwrap(byte[] operatorKey, PublicKey publicKey)
    {
        var clear = GC.AllocateArray<byte>(Hpke.PublicKeyBytes, pinned: true);
        try
        {
            return SecretBox.TryOpen(operatorKey, Wrapped, Bound(Number, publicKey), clear)
                ? Key.Import(KeyAgreementAlgorithm.X25519, clear, KeyBlobFormat.RawPrivateKey)
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    private static string Bound(long number, PublicKey publicKey) => string.Create(
        CultureInfo.InvariantCulture,
        $"palisade sealing private v1/{number}/{Convert.ToHexStringLower(publicKey.Export(KeyBlobFormat.RawPublicKey))}");
}

/// <summary>The rows of the keys room, read and written.</summary>
internal sealed class SealingKeyTable(RowCheck check)
{
    private const string SelectKeys = "SELECT number, suite, public_key AS PublicKey, made_at AS MadeAt, check_value AS CheckValue FROM sealing_key";

    /// <summary>All public halves there ever were, oldest first.</summary>
    /// <exception cref="StoreUnusableException">A row was changed, or written by somebody without the bank key.</exception>
    public async Task<IReadOnlyList<SealingKey>> ReadAsync(DbConnection connection, DbTransaction? transaction = null) =>
        [.. (await connection.QueryAsync<KeyRow>(SelectKeys + " ORDER BY number", transaction: transaction)).Select(Checked)];

    public async Task<IReadOnlyList<SealingKeyFacts>> ListAsync(DbConnection connection)
    {
        var counts = (await connection.QueryAsync<(long Number, long Keys)>(
            "SELECT sealing_key, COUNT(*) FROM wrapped_key GROUP BY sealing_key")).ToDictionary(row => row.Number, row => row.Keys);
        var withPrivate = (await PrivatesAsync(connection)).Select(row => row.Number).ToHashSet();
        var keys = await ReadAsync(connection);
        return
        [
            .. keys.Select((key, i) => new SealingKeyFacts(
                key.Number,
                Convert.ToHexStringLower(key.Digest)[..16],
                key.MadeAt,
                i == keys.Count - 1 ? SealingKeyState.Newest
                    : withPrivate.Contains(key.Number) ? SealingKeyState.BeingReplaced
                    : SealingKeyState.Retired,
                counts.GetValueOrDefault(key.Number)))
        ];
    }

    /// <summary>The public halves as they stand, for the one case where the key of their check values is what was lost.</summary>
    public static async Task<Dictionary<long, PublicKey>> UncheckedAsync(DbConnection connection) =>
        (await connection.QueryAsync<KeyRow>(SelectKeys)).ToDictionary(
            row => row.Number,
            row => PublicKey.Import(KeyAgreementAlgorithm.X25519, row.PublicKey, KeyBlobFormat.RawPublicKey));

    public Task<SealingKey?> NewestAsync(DbConnection connection) => NewestAsync(connection, transaction: null);

    public async Task<SealingKey?> NewestAsync(DbConnection connection, DbTransaction? transaction) =>
        await connection.QuerySingleOrDefaultAsync<KeyRow>(
            SelectKeys + " ORDER BY number DESC LIMIT 1", transaction: transaction) is { } row
            ? Checked(row)
            : null;

    public async Task AddAsync(DbTransaction transaction, SealingKey key, WrappedPrivate secret)
    {
        var row = new KeyRow(
            key.Number, WrappedKey.Suite, key.Public.Export(KeyBlobFormat.RawPublicKey), key.MadeAt.ToUnixTimeMilliseconds(), []);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO sealing_key (number, suite, public_key, made_at, check_value)
            VALUES (@Number, @Suite, @PublicKey, @MadeAt, @CheckValue)
            """,
            row with { CheckValue = check.Of(row.Columns) },
            transaction);
        await transaction.Connection!.ExecuteAsync(
            "INSERT INTO sealing_private (number, operator_key, wrapped) VALUES (@Number, @OperatorKey, @Wrapped)",
            secret,
            transaction);
    }

    public static Task ReplaceAsync(DbTransaction transaction, WrappedPrivate secret) => transaction.Connection!.ExecuteAsync(
        "UPDATE sealing_private SET operator_key = @OperatorKey, wrapped = @Wrapped WHERE number = @Number", secret, transaction);

    public static Task AddAsync(DbTransaction transaction, OperatorKey key, DateTimeOffset madeAt) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO operator_key (number, kind, parameters, wrapped, made_at)
            VALUES (@Number, @kind, @Parameters, @Wrapped, @madeAt)
            """,
            new { key.Number, kind = Words.Of(key.Kind), key.Parameters, key.Wrapped, madeAt = madeAt.ToUnixTimeMilliseconds() },
            transaction);

    /// <summary>The newest operator's key; null when none was made yet.</summary>
    public static Task<OperatorKey?> OperatorKeyAsync(DbConnection connection) => OperatorKeyAsync(connection, transaction: null);

    public static async Task<OperatorKey?> OperatorKeyAsync(DbConnection connection, DbTransaction? transaction) =>
        await connection.QuerySingleOrDefaultAsync<OperatorKeyRow>(
            "SELECT number, kind, parameters, wrapped FROM operator_key ORDER BY number DESC LIMIT 1",
            transaction: transaction) is { } row
            ? new OperatorKey(row.Number, Words.Parse<OperatorKeyKind>(row.Kind), row.Parameters, row.Wrapped)
            : null;

    /// <summary>The private halves that are not retired, oldest first.</summary>
    public static async Task<IReadOnlyList<WrappedPrivate>> PrivatesAsync(DbConnection connection, DbTransaction? transaction = null) =>
        [.. await connection.QueryAsync<WrappedPrivate>(
            "SELECT number, operator_key AS OperatorKey, wrapped FROM sealing_private ORDER BY number", transaction: transaction)];

    private SealingKey Checked(KeyRow row) =>
        row.Suite == WrappedKey.Suite && check.Fits(row.CheckValue, row.Columns) &&
        PublicKey.TryImport(KeyAgreementAlgorithm.X25519, row.PublicKey, KeyBlobFormat.RawPublicKey, out var key)
            ? new SealingKey(row.Number, key!, DateTimeOffset.FromUnixTimeMilliseconds(row.MadeAt))
            : throw new StoreUnusableException(
                $"The record of sealing key {row.Number} was changed or is damaged, so nothing is sealed with it. Restore the " +
                "store from a backup, and find out who can write to it.");

    private sealed record KeyRow(long Number, long Suite, byte[] PublicKey, long MadeAt, byte[] CheckValue)
    {
        public object?[] Columns => ["sealing_key", Number, Suite, PublicKey, MadeAt];
    }

    private sealed record OperatorKeyRow(long Number, string Kind, string Parameters, byte[]? Wrapped);
}
