using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Palisade.Audit.Notes;

/// <summary>What kind of signature a key makes on a note; the numbers are those of C2SP signed-note.</summary>
public enum NoteKeyKind
{
    /// <summary>Ed25519 over the text.</summary>
    Log = 1,

    /// <summary>Ed25519 over the text and a time: a witness's cosignature/v1.</summary>
    Cosigner = 4,
}

/// <summary>
/// The public half of a key that signs notes, with the name it signs by: a C2SP verifier key,
/// <c>name+id+base64(kind, key)</c>.
/// </summary>
public sealed record NoteKey
{
    private const int PublicKeyBytes = 32;

    private readonly PublicKey _key;

    internal NoteKey(string name, NoteKeyKind kind, PublicKey key)
    {
        Name = name;
        Kind = kind;
        _key = key;
        byte[] hashed = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)kind, .. key.Export(KeyBlobFormat.RawPublicKey)];
        Id = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(hashed));
    }

    public string Name { get; }

    public NoteKeyKind Kind { get; }

    /// <summary>First four bytes of SHA-256 over name, line feed, kind and key.</summary>
    public uint Id { get; }

    /// <summary>A name without space, plus or control character, as a signature line needs it.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 200 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');

    public static bool TryParse(string? text, out NoteKey key)
    {
        key = null!;
        var parts = text?.Trim().Split('+', 3);
        if (parts?.Length != 3 || !IsName(parts[0]) || parts[1].Length != 8 ||
            !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
        {
            return false;
        }

        var bytes = new byte[1 + PublicKeyBytes];
        if (!Convert.TryFromBase64String(parts[2], bytes, out var written) || written != bytes.Length ||
            !Enum.IsDefined((NoteKeyKind)bytes[0]) ||
            !PublicKey.TryImport(SignatureAlgorithm.Ed25519, bytes.AsSpan(1), KeyBlobFormat.RawPublicKey, out var imported))
        {
            return false;
        }

        key = new NoteKey(parts[0], (NoteKeyKind)bytes[0], imported!);
        return key.Id == id;
    }

    public override string ToString() =>
        $"{Name}+{Id:x8}+{Convert.ToBase64String([(byte)Kind, .. _key.Export(KeyBlobFormat.RawPublicKey)])}";

    /// <param name="signature">What follows the key's id in a signature line.</param>
    internal bool Verifies(string text, ReadOnlySpan<byte> signature)
    {
        if (Kind == NoteKeyKind.Log)
        {
            return SignatureAlgorithm.Ed25519.Verify(_key, Encoding.UTF8.GetBytes(text), signature);
        }

        return signature.Length == 8 + 64 &&
            SignatureAlgorithm.Ed25519.Verify(
                _key, Cosigned(text, BinaryPrimitives.ReadUInt64BigEndian(signature)), signature[8..]);
    }

    /// <summary>The message of a cosignature/v1 (C2SP tlog-cosignature).</summary>
    /// <param name="time">Seconds since 1970.</param>
    internal static byte[] Cosigned(string text, ulong time) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n{text}"));
}
