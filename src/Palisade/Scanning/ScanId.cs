using System.Diagnostics.CodeAnalysis;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>The id of one scan: <c>scn_</c> and 128 random bits in hexadecimal.</summary>
public readonly record struct ScanId
{
    private const string Prefix = "scn_";

    private readonly string _text;

    private ScanId(string text) => _text = text;

    public static ScanId New() => new(RandomId.New(Prefix));

    public static bool TryParse([NotNullWhen(true)] string? text, out ScanId id)
    {
        var isId = RandomId.IsOne(text, Prefix);
        id = isId ? new ScanId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;
}
