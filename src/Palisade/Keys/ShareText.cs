using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Palisade.Keys;

/// <summary>
/// One officer's share as it is written down: <c>pss1-</c> and 71 signs in groups of four. Case, spaces and dashes do not
/// matter, and o, i, l are read as 0, 1, 1.
/// </summary>
/// <remarks>
/// Base32 (Crockford's signs) of: version (1 byte, 1), set (4 random bytes, the same in all shares of one key), threshold,
/// count and number of the share (a byte each), the share (32 bytes), the first 4 bytes of the SHA-256 of all that.
/// </remarks>
internal sealed record ShareText(byte[] Set, byte Threshold, byte Count, byte Number, byte[] Share)
{
    public const int SetBytes = 4;

    private const string Prefix = "pss1";
    private const string Signs = "0123456789abcdefghjkmnpqrstvwxyz";
    private const byte Version = 1;
    private const int ShareAt = 1 + SetBytes + 3;
    private const int CheckAt = ShareAt + WrappedKey.DataKeyBytes;
    private const int SizeBytes = CheckAt + 4;

    /// <summary>The text itself. Only for the officer's eyes.</summary>
    public string Write()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        bytes[0] = Version;
        Set.CopyTo(bytes[1..]);
        bytes[5] = Threshold;
        bytes[6] = Count;
        bytes[7] = Number;
        Share.CopyTo(bytes[ShareAt..]);
        SHA256.HashData(bytes[..CheckAt])[..4].CopyTo(bytes[CheckAt..]);
        return Prefix + Encode(bytes);
    }

    /// <returns>False when something was mistyped or is missing.</returns>
    public static bool TryRead(string text, [NotNullWhen(true)] out ShareText? share)
    {
        share = null;
        var signs = text.ToLowerInvariant().Where(sign => sign != '-' && !char.IsWhiteSpace(sign)).ToArray();
        if (!signs.AsSpan().StartsWith(Prefix) || !TryDecode(signs.AsSpan(Prefix.Length), out var bytes))
        {
            return false;
        }

        if (bytes[0] == Version && SHA256.HashData(bytes.AsSpan(0, CheckAt)).AsSpan(0, 4).SequenceEqual(bytes.AsSpan(CheckAt)))
        {
            share = new ShareText(bytes[1..5], bytes[5], bytes[6], bytes[7], bytes[ShareAt..CheckAt]);
        }

        CryptographicOperations.ZeroMemory(bytes);
        return share is not null;
    }

    /// <summary>Without the secret part, so that a log of it gives nothing away.</summary>
    public override string ToString() => $"share {Number} of {Count}";

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        int pending = 0, bits = 0, written = 0;
        foreach (var one in bytes)
        {
            pending = (pending << 8) | one;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                Add((pending >> bits) & 31);
            }
        }

        if (bits > 0)
        {
            Add((pending << (5 - bits)) & 31);
        }

        return text.ToString();

        void Add(int sign)
        {
            if (written++ % 4 == 0)
            {
                text.Append('-');
            }

            text.Append(Signs[sign]);
        }
    }

    private static bool TryDecode(ReadOnlySpan<char> signs, out byte[] bytes)
    {
        bytes = new byte[SizeBytes];
        int pending = 0, bits = 0, at = 0;
        foreach (var sign in signs)
        {
            var value = Signs.IndexOf(sign switch { 'o' => '0', 'i' or 'l' => '1', _ => sign }, StringComparison.Ordinal);
            if (value < 0 || at == SizeBytes)
            {
                return false;
            }

            pending = ((pending << 5) | value) & 0xfff;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[at++] = (byte)(pending >> bits);
            }
        }

        return at == SizeBytes && (pending & ((1 << bits) - 1)) == 0;
    }
}
