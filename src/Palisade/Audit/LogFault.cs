namespace Palisade.Audit;

/// <summary>Why nothing more is signed, and what to do.</summary>
/// <param name="Explanation">For the operator, with what to do.</param>
/// <param name="First">The first entry that is missing or not what was signed; 0 where it is no entry's matter.</param>
/// <param name="Last">The last of them.</param>
public sealed record LogFault(string Explanation, long First = 0, long Last = 0);

/// <summary>What came of the wish for a checkpoint.</summary>
public abstract record SigningOutcome
{
    private SigningOutcome()
    {
    }

    /// <param name="Note">The checkpoint with its signatures.</param>
    public sealed record Published(long Size, string Note) : SigningOutcome;

    /// <summary>Nothing was added since the last one.</summary>
    public sealed record Unchanged(long Size, string Note) : SigningOutcome;

    /// <summary>Another copy signs this log, and goes on doing so at least until then.</summary>
    public sealed record SignedElsewhere(DateTimeOffset Until) : SigningOutcome;

    public sealed record Refused(LogFault Fault) : SigningOutcome;
}
