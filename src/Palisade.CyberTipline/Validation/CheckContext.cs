namespace Palisade.CyberTipline;

/// <summary>What a document alone does not say, and some rules need.</summary>
public sealed record CheckContext
{
    /// <summary>Times in the document lie before it .</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>How many files go with the report; null where it is not known, and then do not ask.</summary>
    public int? FileCount { get; init; }

    /// <summary>Whether the report that a fileDetails document belongs to is batched .</summary>
    public bool IsBatched { get; init; }

    /// <summary>Whether an earlier report was filed in this environment; null where nobody can say.</summary>
    public Func<long, bool>? IsKnownReport { get; init; }

    /// <summary>The schema of the environment; null where it is not known, and then 2026 additions are refused.</summary>
    public LiveSchema? Target { get; init; }
}
