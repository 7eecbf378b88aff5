using Palisade.Policy;
using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>The number of a bank, given once and never used again.</summary>
public readonly record struct BankId(long Number)
{
    public override string ToString() => Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What the signals of a bank stand for.</summary>
public enum BankPurpose
{
    /// <summary>Abuse material that an authority or hotline has confirmed.</summary>
    KnownMaterial,

    /// <summary>An ordinary photo of a person who asked that copies altered with AI be found.</summary>
    ProtectedPhoto,

    /// <summary>An intimate image that an adult asked to be kept off platforms.</summary>
    IntimateImage,

    /// <summary>False alarms that will not go away: overrules perceptual matches, never a cryptographic one.</summary>
    NeverMatch,

    /// <summary>Benign pictures for trying the system and for training.</summary>
    Practice,
}

/// <summary>In which state a signal that was imported or exchanged begins.</summary>
public enum NewSignals
{
    Live,
    Probation,
}

/// <summary>
/// A named collection of signals with one owner, one purpose and one allowed action.
/// </summary>
public sealed record Bank
{
    public required BankId Id { get; init; }

    /// <summary>Unique, 1 to 64 of a-z, 0-9 and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>Who answers for what is in it.</summary>
    public required string Owner { get; init; }

    public required BankPurpose Purpose { get; init; }

    /// <summary>Where its signals come from, in words.</summary>
    public string Source { get; init; } = "";

    /// <summary>Largest PDQ distance that is a match, in bits, 0 to 255. A never-match bank defaults to 0.</summary>
    public int MaxDistanceBits { get; init; } = PdqHash.DefaultMatchDistance;

    /// <summary>Least PDQ quality of a signal and of an upload, 0 to 100; below it only digests are matched.</summary>
    public int MinQuality { get; init; } = 50;

    /// <summary>The strongest action that a match in this bank may lead to, whatever a policy says.</summary>
    public VerdictAction AllowedAction { get; init; } = VerdictAction.Hold;

    /// <summary>
    /// The share of uploads that this bank is matched against, 0 to 1; the same upload always falls on the same side.
    /// </summary>
    public double EnabledRatio { get; init; } = 1;

    /// <summary>State in which imported and exchanged signals begin; what an operator adds by hand is live.</summary>
    public NewSignals NewSignals { get; init; } = NewSignals.Live;

    public string Notes { get; init; } = "";

    public required DateTimeOffset CreatedAt { get; init; }
}
