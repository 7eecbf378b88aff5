namespace Palisade.Client;

/// <summary>
/// The service understood the call and refused it: problem details as RFC 9457 has them, from the service's fixed list.
/// </summary>
public sealed record PalisadeProblem
{
    /// <summary>Names the kind of problem; compare this, not the texts.</summary>
    public string Type { get => field ?? "about:blank"; init; }

    public string Title { get => field ?? ""; init; }

    /// <summary>The HTTP status code.</summary>
    public int Status { get; init; }

    /// <summary>What to change, for a person.</summary>
    public string? Detail { get; init; }
}

/// <summary>The service refused the call. The upload has no verdict; what to change is in the problem.</summary>
public sealed class PalisadeProblemException(PalisadeProblem problem)
    : Exception($"Palisade refused the call ({problem.Status} {problem.Title}). {problem.Detail}")
{
    public PalisadeProblem Problem { get; } = problem;
}

/// <summary>
/// No answer: overload, no connection, no reply in time, a reply cut short. This is never a verdict: keep the upload
/// back and ask again with the same idempotency key, as <see cref="HeldUploads"/> does.
/// </summary>
public sealed class PalisadeUnavailableException(string message, TimeSpan? retryAfter, Exception? innerException)
    : Exception(message, innerException)
{
    /// <summary>The least time to wait, where the service named one.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
