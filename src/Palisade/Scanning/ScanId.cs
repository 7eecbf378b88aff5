using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Palisade.Scanning;

/// <summary>
/// The id of one scan: <c>scn_</c> and 128 random bits in hexadecimal. Random, so that it tells nothing of how many scans
/// there are and is not guessed.
/// </summary>
public readonly record struct ScanId
{
    private const string Prefix = "scn_";
    private const int HexDigits = 32;

    private static readonly SearchValues<char> HexAlphabet = SearchValues.Create("0123456789abcdef");

    private readonly string _text;

    private ScanId(string text) => _text = text;

    public static ScanId New() => new(Prefix + RandomNumberGenerator.GetHexString(HexDigits, lowercase: true));

    public static bool TryParse([NotNullWhen(true)] string? text, out ScanId id)
    {
        var isId = text is { Length: HexDigits + 4 } && text.StartsWith(Prefix, StringComparison.Ordinal) &&
                   text.AsSpan(Prefix.Length).IndexOfAnyExcept(HexAlphabet) < 0;
        id = isId ? new ScanId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;
}
