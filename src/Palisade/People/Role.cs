namespace Palisade.People;

/// <summary>What a person may do. Somebody may hold several; none of them includes another.</summary>
public enum Role
{
    /// <summary>Decides cases with facts, outlines and short looks at a small grey picture (rings 0 to 2).</summary>
    Reviewer,

    /// <summary>A reviewer's second pair of eyes: colour, full size, the second review, consent to one more look.</summary>
    Senior,

    /// <summary>Queues and people. No clear view.</summary>
    Lead,

    /// <summary>Files reports, sets holds, exports.</summary>
    Compliance,

    /// <summary>Settings, accounts and keys. Never a view.</summary>
    Administrator,

    /// <summary>Reads the log. Facts only.</summary>
    Auditor,
}
