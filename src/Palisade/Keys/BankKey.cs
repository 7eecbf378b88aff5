using System.Security.Cryptography;
using Dapper;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// The key under which the values of signals lie encrypted: 256 bits in <c>bank.key</c>, beside the store.
/// </summary>
/// <remarks>
/// It protects copies of the store that travel without the data folder's key (backups, dumps, a PostgreSQL server). It is
/// available while the service is sealed, since matching must go on then. Three subkeys are derived with HKDF-SHA-256
/// (RFC 5869): for encryption, for equality, and for recognising the key itself.
/// </remarks>
public sealed class BankKey : IDisposable
{
    /// <summary>Size of the key, and of its file, in bytes.</summary>
    public const int SizeBytes = 32;

    public const string FileName = "bank.key";

    /// <summary>What the checksums of rows are derived for.</summary>
    internal static ReadOnlySpan<byte> RowCheckPurpose => "palisade rows v1"u8;

    private readonly string _path;
    private readonly byte[] _encryption;
    private readonly byte[] _equality;
    private readonly byte[] _check;
    private readonly byte[] _others;

    private BankKey(string path, ReadOnlySpan<byte> key)
    {
        _path = path;
        _encryption = Derive(key, "palisade bank v1 encryption"u8);
        _equality = Derive(key, "palisade bank v1 equality"u8);
        _check = Derive(key, "palisade bank v1 check"u8);
        _others = Derive(key, "palisade bank v1 others"u8);
    }

    /// <summary>
    /// Reads the key of this store, or makes one when both store and folder are new.
    /// </summary>
    /// <exception cref="StoreUnusableException">
    /// The key is lost, of the wrong size, or another store's. Nothing is created or changed then; the text says what to do.
    /// </exception>
    public static async Task<BankKey> OpenOrCreateAsync(string folder, Store store, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        var expected = await store.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<byte[]>("SELECT check_value FROM bank_key WHERE id = 1"),
            cancellationToken);
        if (!File.Exists(path))
        {
            if (expected is not null)
            {
                throw new StoreUnusableException(
                    $"The bank key {path} is missing, and the store holds signals that only this key opens. Put the file " +
                    "back from its backup, copy it from another node of the same store, or let `palisade key recover` bring " +
                    "it back from the store with the operator's key.");
            }

            KeyFile.Create(path);
        }

        var key = KeyFile.Read(path);
        try
        {
            var opened = new BankKey(path, key);
            await opened.CompareWithStoreAsync(path, store, cancellationToken);
            await store.KeepRowChecksAsync(opened.DeriveFor(RowCheckPurpose), cancellationToken);
            return opened;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Reads the key of a store that is only read; nothing is made or changed.</summary>
    /// <exception cref="StoreUnusableException">The key is lost, damaged or another store's.</exception>
    public static async Task<BankKey> OpenExistingAsync(string folder, Store store, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new StoreUnusableException(
                $"The bank key {path} is missing, and without it no record can be checked. Put the file back from where it is kept.");
        }

        var expected = await store.ReadAsync(
            connection => connection.QuerySingleOrDefaultAsync<byte[]>("SELECT check_value FROM bank_key WHERE id = 1"),
            cancellationToken);
        var key = KeyFile.Read(path);
        try
        {
            var opened = new BankKey(path, key);
            return expected is not null && CryptographicOperations.FixedTimeEquals(expected, opened._check)
                ? opened
                : throw new StoreUnusableException($"The bank key {path} is not the key of this store. Put back the right file.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>A cipher for one thread. Dispose it.</summary>
    public SignalCipher NewCipher() => new(_encryption, _equality);

    /// <summary>The key itself, read from its file once more, to be wrapped and zeroed.</summary>
    internal byte[] ReadFile() => KeyFile.Read(_path);

    /// <summary>Whether these are the bytes of the key of a store.</summary>
    internal static bool Fits(ReadOnlySpan<byte> key, ReadOnlySpan<byte> checkValue) =>
        CryptographicOperations.FixedTimeEquals(Derive(key, "palisade bank v1 check"u8), checkValue);

    /// <summary>A key of its own for another kind of record that is needed while the service is sealed.</summary>
    public byte[] DeriveFor(ReadOnlySpan<byte> purpose) => Derive(_others, purpose);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encryption);
        CryptographicOperations.ZeroMemory(_equality);
        CryptographicOperations.ZeroMemory(_others);
    }

    private async Task CompareWithStoreAsync(string path, Store store, CancellationToken cancellationToken)
    {
        var stored = await store.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(
                    "INSERT INTO bank_key (id, check_value) VALUES (1, @_check) ON CONFLICT (id) DO NOTHING",
                    new { _check },
                    transaction);
                return await transaction.Connection!.QuerySingleAsync<byte[]>(
                    "SELECT check_value FROM bank_key WHERE id = 1", transaction: transaction);
            },
            cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(stored, _check))
        {
            throw new StoreUnusableException(
                $"The bank key {path} is not the key of this store. Put back the right file; nothing was changed.");
        }
    }

    private static byte[] Derive(ReadOnlySpan<byte> key, ReadOnlySpan<byte> purpose)
    {
        var derived = new byte[SizeBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, salt: default, info: purpose);
        return derived;
    }
}
