namespace Palisade.Review;

/// <summary>How far a case has come. A closed set; <see cref="CaseStates.MayBecome"/> says what follows what.</summary>
public enum CaseState
{
    /// <summary>Nobody has it yet.</summary>
    Open,

    /// <summary>A person has it.</summary>
    InReview,

    /// <summary>A person has decided; what follows from it (a report, a word to a list's owner) is under way.</summary>
    Decided,

    /// <summary>An authority has acknowledged a report.</summary>
    Reported,

    /// <summary>Nothing more is to be done. An appeal opens it again.</summary>
    Closed,
}

/// <summary>The one table of steps between states.</summary>
public static class CaseStates
{
    public static bool MayBecome(this CaseState from, CaseState to) => (from, to) is
        (CaseState.Open, CaseState.InReview or CaseState.Decided or CaseState.Closed) or
        (CaseState.InReview, CaseState.Open or CaseState.InReview or CaseState.Decided or CaseState.Closed) or
        (CaseState.Decided, CaseState.InReview or CaseState.Reported or CaseState.Closed) or
        (CaseState.Reported, CaseState.Closed) or
        (CaseState.Closed, CaseState.Open);

    /// <summary>Uploads of the same picture still join it, and its clock still runs.</summary>
    public static bool IsUndecided(this CaseState state) => state is CaseState.Open or CaseState.InReview;
}
