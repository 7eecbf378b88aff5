namespace Palisade.Client;

/// <summary>
/// How holding an upload ended. A closed set; only <see cref="Answered"/> has a verdict, and in the other cases the
/// platform keeps the upload back.
/// </summary>
public abstract record HeldOutcome
{
    private HeldOutcome()
    {
    }

    /// <summary>The service has answered.</summary>
    public sealed record Answered(ScanAnswer Answer) : HeldOutcome;

    /// <summary>The service refused the call for good; repeating it would change nothing.</summary>
    public sealed record Refused(PalisadeProblem Problem) : HeldOutcome;

    /// <summary>As many uploads are held as may be; this one was not taken on, and nothing was sent.</summary>
    public sealed record Full : HeldOutcome;
}
