using System.Diagnostics.CodeAnalysis;
using Palisade.Storage;

namespace Palisade.Evidence;

/// <summary>The id of one piece of evidence: <c>evd_</c> and 128 random bits in hexadecimal.</summary>
public readonly record struct EvidenceId
{
    private const string Prefix = "evd_";

    private readonly string _text;

    private EvidenceId(string text) => _text = text;

    public static EvidenceId New() => new(RandomId.New(Prefix));

    public static bool TryParse([NotNullWhen(true)] string? text, out EvidenceId id)
    {
        var isId = RandomId.IsOne(text, Prefix);
        id = isId ? new EvidenceId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;

    /// <summary>The 16 bytes that the hexadecimal digits stand for.</summary>
    internal void WriteBytes(Span<byte> bytes) => Convert.FromHexString(_text.AsSpan(Prefix.Length), bytes, out _, out _);

    internal static EvidenceId FromBytes(ReadOnlySpan<byte> bytes) => new(Prefix + Convert.ToHexStringLower(bytes));
}
