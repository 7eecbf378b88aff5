using Palisade.Policy;

namespace Palisade.Scanning;

/// <summary>What Policy made of all matches of one upload, and why.</summary>
public sealed record Verdict
{
    public required VerdictAction Action { get; init; }

    /// <summary>Words from <see cref="Scanning.Reasons"/>, each once.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Every match that counted, the exact ones first, then by distance.</summary>
    public required IReadOnlyList<Match> Matches { get; init; }

    /// <summary>Matches of signals on probation: recorded, and without any part in the action.</summary>
    public IReadOnlyList<Match> ShadowMatches { get; init; } = [];

    /// <summary>The state of the banks that was asked.</summary>
    public required long IndexGeneration { get; init; }

    /// <summary>The picture was too large and was hashed at a smaller size, so distances may be off by about 10 bits.</summary>
    public bool Approximate { get; init; }

    /// <summary>
    /// Whether a person has to look. What is allowed opens no case, even where a signal on probation matched: until it is
    /// trusted, no bytes may be kept on its word.
    /// </summary>
    public bool OpensCase => Action != VerdictAction.Allow;

    /// <summary>Whether a record must be on stable storage before anybody is told.</summary>
    public bool IsKept => Action != VerdictAction.Allow || Matches.Count > 0 || ShadowMatches.Count > 0;
}
