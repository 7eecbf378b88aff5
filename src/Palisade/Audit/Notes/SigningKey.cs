using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using Palisade.Storage;

namespace Palisade.Audit.Notes;

/// <summary>An Ed25519 key that signs notes by one name: a log's, or a witness's.</summary>
public sealed class SigningKey : IDisposable
{
    private const int SeedBytes = 32;

    private readonly Key _key;

    private SigningKey(ReadOnlySpan<byte> seed, string name, NoteKeyKind kind)
    {
        _key = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        Public = new NoteKey(name, kind, _key.PublicKey);
    }

    public NoteKey Public { get; }

    /// <summary>Makes a key from 32 random bytes.</summary>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed, string name, NoteKeyKind kind) => new(seed, name, kind);

    /// <summary>
    /// Reads the key in a file that only its owner may read, or makes one when there is none: the seed, then the name.
    /// </summary>
    /// <param name="newName">Name of a key that is made now; an existing one keeps its own.</param>
    /// <param name="seal">What is done to the content before it is written.</param>
    /// <param name="open">And what undoes it.</param>
    /// <exception cref="StoreUnusableException">The file is damaged or another store's.</exception>
    public static SigningKey OpenOrCreate(
        string path, string newName, NoteKeyKind kind, Func<byte[], byte[]> seal, Func<byte[], byte[]> open)
    {
        if (!File.Exists(path))
        {
            byte[] made = [.. RandomNumberGenerator.GetBytes(SeedBytes), .. Encoding.UTF8.GetBytes(newName)];
            DurableFile.Create(path, seal(made));
            CryptographicOperations.ZeroMemory(made);
        }

        return Open(path, kind, open);
    }

    /// <summary>Reads the key in a file that must be there.</summary>
    /// <exception cref="StoreUnusableException">The file is damaged or another store's.</exception>
    public static SigningKey Open(string path, NoteKeyKind kind, Func<byte[], byte[]> open)
    {
        var content = open(File.ReadAllBytes(path));
        try
        {
            return content.Length > SeedBytes && Encoding.UTF8.GetString(content.AsSpan(SeedBytes)) is var name && NoteKey.IsName(name)
                ? new SigningKey(content.AsSpan(0, SeedBytes), name, kind)
                : throw new StoreUnusableException($"The key file {path} is damaged. Put it back from its backup.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>A log's signature line.</summary>
    public string Sign(string text) => SignedNote.Line(
        Public, SignatureAlgorithm.Ed25519.Sign(_key, Encoding.UTF8.GetBytes(text)));

    /// <summary>A witness's signature line.</summary>
    public string Cosign(string text, DateTimeOffset now)
    {
        var time = (ulong)now.ToUnixTimeSeconds();
        var signature = new byte[8 + 64];
        BinaryPrimitives.WriteUInt64BigEndian(signature, time);
        SignatureAlgorithm.Ed25519.Sign(_key, NoteKey.Cosigned(text, time), signature.AsSpan(8));
        return SignedNote.Line(Public, signature);
    }

    public void Dispose() => _key.Dispose();
}
