using System.Collections.Frozen;

namespace Palisade.Keys;

/// <summary>What an API key may do. The list is fixed; a key has at least one of them.</summary>
public static class ApiScopes
{
    /// <summary>Send uploads and hashes for a verdict.</summary>
    public const string Scan = "scan";

    /// <summary>See which bank and signal matched, and how far apart.</summary>
    public const string MatchDetail = "match.detail";

    /// <summary>Read the record of a scan.</summary>
    public const string ScansRead = "scans.read";

    /// <summary>Follow the feed of verdicts.</summary>
    public const string VerdictsRead = "verdicts.read";

    public const string BanksRead = "banks.read";
    public const string BanksWrite = "banks.write";

    /// <summary>Read cases and what people said in them. Which bank and signal matched needs match.detail as well.</summary>
    public const string CasesRead = "cases.read";

    /// <summary>Flag content, and write notes on cases.</summary>
    public const string CasesWrite = "cases.write";

    /// <summary>Decide cases, and undo a decision.</summary>
    public const string CasesDecide = "cases.decide";

    /// <summary>See reports, what they say and their receipts.</summary>
    public const string ReportsRead = "reports.read";

    /// <summary>Draft and file reports, give account facts for them, take an unfinished one back.</summary>
    public const string ReportsWrite = "reports.write";

    public const string KeysWrite = "keys.write";

    /// <summary>Read the audit log's checkpoint, tiles and entries, as an outside monitor does.</summary>
    public const string AuditRead = "audit.read";

    public static FrozenSet<string> All { get; } = FrozenSet.Create(
        StringComparer.Ordinal, Scan, MatchDetail, ScansRead, VerdictsRead, BanksRead, BanksWrite, CasesRead, CasesWrite,
        CasesDecide, ReportsRead, ReportsWrite, KeysWrite, AuditRead);
}
