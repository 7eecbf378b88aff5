using System.Diagnostics.CodeAnalysis;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>The id of one person's flag: <c>flg_</c> and 128 random bits in hexadecimal.</summary>
public readonly record struct FlagId
{
    private const string Prefix = "flg_";

    private readonly string _text;

    private FlagId(string text) => _text = text;

    public static FlagId New() => new(RandomId.New(Prefix));

    public static bool TryParse([NotNullWhen(true)] string? text, out FlagId id)
    {
        var isId = RandomId.IsOne(text, Prefix);
        id = isId ? new FlagId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;
}
