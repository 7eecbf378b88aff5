using System.Diagnostics.CodeAnalysis;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>The id of one case: <c>cas_</c> and 128 random bits in hexadecimal.</summary>
public readonly record struct CaseId
{
    private const string Prefix = "cas_";

    private readonly string _text;

    private CaseId(string text) => _text = text;

    public static CaseId New() => new(RandomId.New(Prefix));

    public static bool TryParse([NotNullWhen(true)] string? text, out CaseId id)
    {
        var isId = RandomId.IsOne(text, Prefix);
        id = isId ? new CaseId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;
}
