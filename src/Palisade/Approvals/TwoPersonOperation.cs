namespace Palisade.Approvals;

/// <summary>What nobody may do alone. The one list; tests walk it.</summary>
public enum TwoPersonOperation
{
    ReleaseEvidence,
    ShortenHold,
    DestroyForAuthority,
    RotateKeys,
    ExportKeys,
    ChangeAuditDestination,
    RemoveBank,
    EndQuarantine,
    AddNeverMatch,
}
