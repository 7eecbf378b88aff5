namespace Palisade.Reporting;

/// <summary>How far a report has come. A closed set; <see cref="ReportStates.MayBecome"/> says what follows what.</summary>
public enum ReportState
{
    /// <summary>Wanted, and nothing has left.</summary>
    Draft,

    /// <summary>The service is sealed, so its evidence cannot be opened; the clock runs and an alarm is on.</summary>
    WaitingUnseal,

    /// <summary>The report document is on its way. After a crash nobody knows whether it arrived, and it is sent anew.</summary>
    Opening,

    /// <summary>The authority gave it a number; files follow.</summary>
    Open,

    /// <summary>All files are described; the last call is made until its answer is known.</summary>
    Finishing,

    /// <summary>The authority acknowledged it, and the preservation hold is placed.</summary>
    Filed,

    /// <summary>Taken back before it was finished.</summary>
    Retracted,

    /// <summary>The authority deleted the unfinished report, or its time ran out.</summary>
    Expired,

    /// <summary>Not to be filed: a person took it back.</summary>
    Cancelled,

    /// <summary>It cannot go on by itself. An alarm is on until a person has acted.</summary>
    NeedsHuman,
}

public enum ReportFileState
{
    Pending,

    /// <summary>Arrived, with the MD5 of what was sent.</summary>
    Uploaded,

    /// <summary>Its details were accepted.</summary>
    Described,
}

/// <summary>The one table of steps between states.</summary>
public static class ReportStates
{
    public static bool MayBecome(this ReportState from, ReportState to) => from == to || (from, to) is
        (ReportState.Draft, ReportState.WaitingUnseal or ReportState.Opening or ReportState.Cancelled or ReportState.NeedsHuman) or
        (ReportState.WaitingUnseal, ReportState.Draft or ReportState.Cancelled) or
        (ReportState.Opening, ReportState.Open or ReportState.Draft or ReportState.NeedsHuman) or
        (ReportState.Open, ReportState.Finishing or ReportState.Retracted or ReportState.Expired or ReportState.NeedsHuman) or
        (ReportState.Finishing, ReportState.Filed or ReportState.Open or ReportState.Expired or ReportState.NeedsHuman) or
        (ReportState.Retracted, ReportState.Draft or ReportState.Cancelled or ReportState.NeedsHuman) or
        (ReportState.Expired, ReportState.Draft or ReportState.Cancelled or ReportState.NeedsHuman) or
        (ReportState.NeedsHuman, ReportState.Draft or ReportState.Finishing or ReportState.Cancelled);

    /// <summary>Nothing more happens to it.</summary>
    public static bool IsEnded(this ReportState state) => state is ReportState.Filed or ReportState.Cancelled;
}
