using Palisade.Signals.Pdq;

namespace Palisade.Decoding;

/// <summary>
/// What a pre-screen made of an upload. A closed set: <see cref="Estimated"/>, and <see cref="Exact"/> where the upload is
/// not of the kind that can be estimated.
/// </summary>
public abstract record PrescreenOutcome
{
    private PrescreenOutcome()
    {
    }

    /// <summary>The fingerprint is near to the exact one, and says no more than whether a match can be ruled out.</summary>
    public sealed record Estimated(PictureEstimate Estimate) : PrescreenOutcome;

    /// <summary>The answer that an ordinary decode with the profile full alone gives.</summary>
    public sealed record Exact(DecodeOutcome Outcome) : PrescreenOutcome;
}

/// <summary>
/// A fingerprint in the profile full that may be some bits off. It has a type of its own, without words for it or a way into
/// <see cref="PictureFacts"/>, so that it is never kept, shown or shared as the picture's hash.
/// </summary>
public sealed class PictureEstimate
{
    /// <summary>
    /// How much wider than a bank's distance is searched, in bits. Where it comes from: docs/reference/prescreen.md.
    /// </summary>
    public const int MarginBits = 14;

    /// <summary>An upload whose estimated quality is less than this above a bank's least one is decoded exactly.</summary>
    public const int MarginQuality = 10;

    internal PictureEstimate(in PdqFingerprint near) => Near = near;

    internal PdqFingerprint Near { get; }

    /// <summary>0 to 100, near to the exact one.</summary>
    public int Quality => Near.Quality;

    /// <summary>How far the estimate is from the exact fingerprint, by which the margins are measured.</summary>
    public (int DistanceBits, int QualityDifference) DistanceTo(in PdqFingerprint exact) =>
        (Near.Hash.DistanceTo(exact.Hash), Near.Quality - exact.Quality);

    /// <summary>Without the hash.</summary>
    public override string ToString() => "an estimate";
}
