using System.Globalization;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>The number of a signal, given once and never used again.</summary>
public readonly record struct SignalId(long Number)
{
    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
}

public enum SignalType
{
    Pdq,
    Md5,
    Sha1,
    Sha256,
}

/// <summary>Where a signal stands. Only a live signal acts.</summary>
public enum SignalState
{
    /// <summary>Matches in shadow: recorded, never acted upon.</summary>
    Probation,
    Live,

    /// <summary>Matches nothing until <see cref="Signal.DisabledUntil"/>, then is live again.</summary>
    Disabled,

    /// <summary>Taken back by its source; kept as a row so that the history is whole.</summary>
    Withdrawn,
}

/// <summary>
/// A fingerprint as a bank holds it: a PDQ hash or a digest.
/// </summary>
public readonly record struct SignalValue
{
    private readonly PdqHash _pdq;
    private readonly Digest _digest;

    public SignalValue(PdqHash pdq)
    {
        Type = SignalType.Pdq;
        _pdq = pdq;
    }

    public SignalValue(Digest digest)
    {
        Type = digest.Type switch
        {
            DigestType.Md5 => SignalType.Md5,
            DigestType.Sha1 => SignalType.Sha1,
            _ => SignalType.Sha256,
        };
        _digest = digest;
    }

    public SignalType Type { get; }

    /// <summary>The hash, when <see cref="Type"/> is PDQ.</summary>
    public PdqHash Pdq => Type == SignalType.Pdq ? _pdq : throw new InvalidOperationException($"{Type} is not PDQ.");

    /// <summary>The digest, when <see cref="Type"/> is not PDQ.</summary>
    public Digest Digest =>
        Type != SignalType.Pdq ? _digest : throw new InvalidOperationException("PDQ is not a digest.");

    /// <summary>The 16, 20 or 32 bytes of the value.</summary>
    public byte[] ToBytes() => Type == SignalType.Pdq ? _pdq.ToBytes() : _digest.ToBytes();

    public static SignalValue FromBytes(SignalType type, ReadOnlySpan<byte> bytes) => type == SignalType.Pdq
        ? new SignalValue(PdqHash.FromBytes(bytes))
        : new SignalValue(new Digest(DigestTypeOf(type), bytes));

    /// <summary>Reads hexadecimal digits of the type's length, upper or lower case.</summary>
    public static bool TryParse(SignalType type, ReadOnlySpan<char> text, out SignalValue value)
    {
        if (type == SignalType.Pdq)
        {
            var isHash = PdqHash.TryParse(text, out var hash);
            value = isHash ? new SignalValue(hash) : default;
            return isHash;
        }

        var isDigest = Digest.TryParse(DigestTypeOf(type), text, out var digest);
        value = isDigest ? new SignalValue(digest) : default;
        return isDigest;
    }

    /// <summary>Lower-case hexadecimal digits.</summary>
    public override string ToString() => Type == SignalType.Pdq ? _pdq.ToString() : _digest.ToString();

    private static DigestType DigestTypeOf(SignalType type) => type switch
    {
        SignalType.Md5 => DigestType.Md5,
        SignalType.Sha1 => DigestType.Sha1,
        SignalType.Sha256 => DigestType.Sha256,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}

/// <summary>One fingerprint in one bank.</summary>
public sealed record Signal
{
    public required SignalId Id { get; init; }

    public required BankId Bank { get; init; }

    public required SignalValue Value { get; init; }

    /// <summary>Which pixels made a PDQ value; null for digests.</summary>
    public PdqProfile? Profile { get; init; }

    /// <summary>PDQ quality where the source gave one, 0 to 100.</summary>
    public int? Quality { get; init; }

    /// <summary>Where it came from: a file's name as given, an import's id, an exchange's entry.</summary>
    public string Origin { get; init; } = "";

    public required SignalState State { get; init; }

    /// <summary>When a disabled signal becomes live again.</summary>
    public DateTimeOffset? DisabledUntil { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}
