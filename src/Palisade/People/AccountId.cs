using System.Diagnostics.CodeAnalysis;
using Palisade.Storage;

namespace Palisade.People;

/// <summary>The id of one person's account: <c>acc_</c> and 128 random bits in hexadecimal.</summary>
public readonly record struct AccountId
{
    private const string Prefix = "acc_";

    private readonly string _text;

    private AccountId(string text) => _text = text;

    public static AccountId New() => new(RandomId.New(Prefix));

    public static bool TryParse([NotNullWhen(true)] string? text, out AccountId id)
    {
        var isId = RandomId.IsOne(text, Prefix);
        id = isId ? new AccountId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;
}
