using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Palisade.Signals.Pdq;

/// <summary>
/// A PDQ hash: 256 bits, kept as four words, the most significant first.
/// </summary>
/// <remarks>
/// Bit k (0 to 255) stands for coefficient (row k / 16, column k % 16) of the picture's 16 x 16 DCT. Text is 64
/// lower-case hexadecimal digits, most significant first; upper case is accepted on input.
/// Source: the PDQ paper and reference program (facebook/ThreatExchange).
/// </remarks>
public readonly record struct PdqHash(ulong Word0, ulong Word1, ulong Word2, ulong Word3)
    : ISpanParsable<PdqHash>, ISpanFormattable
{
    /// <summary>Size in bits.</summary>
    public const int BitCount = 256;

    /// <summary>Size in bytes of the big-endian binary form.</summary>
    public const int ByteCount = 32;

    /// <summary>The default match radius of the field: a match is a distance of at most this many bits.</summary>
    public const int DefaultMatchDistance = 31;

    /// <summary>How many bits are set; about 128 by construction, and always even for a true PDQ hash.</summary>
    public int PopCount =>
        BitOperations.PopCount(Word0) + BitOperations.PopCount(Word1) +
        BitOperations.PopCount(Word2) + BitOperations.PopCount(Word3);

    /// <summary>Bit k, 0 to 255, where bit 0 is the least significant of the 256-bit number.</summary>
    public bool this[int bit] => ((bit >> 6) switch { 0 => Word3, 1 => Word2, 2 => Word1, _ => Word0 } >> (bit & 63) & 1) != 0;

    /// <summary>How many of the 256 bits differ, 0 to 256.</summary>
    public int DistanceTo(in PdqHash other) =>
        BitOperations.PopCount(Word0 ^ other.Word0) + BitOperations.PopCount(Word1 ^ other.Word1) +
        BitOperations.PopCount(Word2 ^ other.Word2) + BitOperations.PopCount(Word3 ^ other.Word3);

    /// <summary>Reads the 32-byte big-endian form.</summary>
    public static PdqHash FromBytes(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    /// <summary>Writes the 32-byte big-endian form.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Word1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], Word2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], Word3);
    }

    /// <summary>The 32-byte big-endian form.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[ByteCount];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>Reads 64 hexadecimal digits, upper or lower case, without white space.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PdqHash hash)
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        if (text.Length != 2 * ByteCount ||
            Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            hash = default;
            return false;
        }

        hash = FromBytes(bytes);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out PdqHash)"/>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits.</exception>
    public static PdqHash Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException("A PDQ hash is 64 hexadecimal digits.");

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        WriteTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        Span<byte> bytes = stackalloc byte[ByteCount];
        WriteTo(bytes);
        return Convert.TryToHexStringLower(bytes, destination, out charsWritten);
    }

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    static PdqHash ISpanParsable<PdqHash>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<PdqHash>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PdqHash result) =>
        TryParse(s, out result);

    static PdqHash IParsable<PdqHash>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<PdqHash>.TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, out PdqHash result) => TryParse(s, out result);
}
