namespace Palisade.Evidence.Holds;

/// <summary>Why something is held. A closed set; <see cref="HoldRule.Of"/> names each one's source and terms.</summary>
public enum HoldBasis
{
    /// <summary>A report to NCMEC was completed.</summary>
    FiledReport,

    /// <summary>The provider keeps it longer than it must, to fight exploitation.</summary>
    VoluntaryLonger,

    /// <summary>A governmental entity asked by letter to keep it while it seeks legal process.</summary>
    PoliceLetter,

    /// <summary>A report to the United Kingdom's National Crime Agency was sent.</summary>
    UkReport,

    /// <summary>Canadian police were notified.</summary>
    CanadaReport,

    /// <summary>A court order, a warrant or the like says so.</summary>
    LegalProcess,

    /// <summary>The operator's own wish, while a case is looked at again.</summary>
    CaseReview,
}

/// <summary>What the source of a basis says about time.</summary>
/// <param name="Source">The law's place, as a court would cite it.</param>
/// <param name="Least">Below this no hold of the basis is placed or shortened; null when the source names no time.</param>
/// <param name="Usual">The term of a hold that names no end; null when an end has to be named.</param>
/// <param name="Renewal">The basis allows one renewal, of exactly this; null when a hold may be lengthened freely.</param>
/// <param name="YieldsToDestruction">
/// Whether it ends when a law enforcement agency asks for destruction: true where keeping serves only that agency's country's
/// police or the provider itself. See docs/operations/holds.md.
/// </param>
public sealed record HoldRule(string Source, TimeSpan? Least, TimeSpan? Usual, TimeSpan? Renewal, bool YieldsToDestruction)
{
    /// <summary>One year, counted as 366 days so that a leap day never makes it short.</summary>
    public static readonly TimeSpan Year = TimeSpan.FromDays(366);

    /// <summary>Six days over the least year, so that a clock that is some days off never makes a year short.</summary>
    public static readonly TimeSpan UsualYear = TimeSpan.FromDays(372);

    private static readonly TimeSpan Letter = TimeSpan.FromDays(90);

    public static HoldRule Of(HoldBasis basis) => basis switch
    {
        HoldBasis.FiledReport => new("18 U.S.C. 2258A(h)(1)", Year, UsualYear, null, YieldsToDestruction: true),
        HoldBasis.VoluntaryLonger => new("18 U.S.C. 2258A(h)(5)", null, null, null, YieldsToDestruction: true),
        HoldBasis.PoliceLetter => new("18 U.S.C. 2703(f)", Letter, Letter, Letter, YieldsToDestruction: false),
        HoldBasis.UkReport => new("UK SI 2026/268, reg. 8", Year, UsualYear, null, YieldsToDestruction: false),
        HoldBasis.CanadaReport => new(
            "Canada S.C. 2011, c. 4 (21 days)", TimeSpan.FromDays(21), TimeSpan.FromDays(22), null, YieldsToDestruction: false),
        HoldBasis.LegalProcess => new("the order itself", null, null, null, YieldsToDestruction: false),
        HoldBasis.CaseReview => new("the operator's own review", null, TimeSpan.FromDays(30), null, YieldsToDestruction: true),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
