using System.Buffers;
using System.Security.Cryptography;

namespace Palisade.Storage;

/// <summary>
/// The text of an id: a prefix that says of what, and 128 random bits in lower-case hexadecimal. Random, so that it tells
/// nothing of how many there are and is not guessed.
/// </summary>
internal static class RandomId
{
    private const int HexDigits = 32;

    private static readonly SearchValues<char> HexAlphabet = SearchValues.Create("0123456789abcdef");

    public static string New(string prefix) => prefix + RandomNumberGenerator.GetHexString(HexDigits, lowercase: true);

    public static bool IsOne(string? text, string prefix) =>
        text is not null && text.Length == prefix.Length + HexDigits &&
        text.StartsWith(prefix, StringComparison.Ordinal) &&
        text.AsSpan(prefix.Length).IndexOfAnyExcept(HexAlphabet) < 0;
}
