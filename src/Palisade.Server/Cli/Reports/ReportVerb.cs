using System.CommandLine;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report</c>: what goes to an authority.</summary>
internal static class ReportVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "report",
        "See, check and send what goes to an authority.",
        "palisade report list",
        "palisade report check report.xml")
    {
        ReportListVerb.Create(terminal),
        ReportShowVerb.Create(terminal),
        ReportDraftVerb.Create(terminal),
        ReportCheckVerb.Create(terminal),
        ReportFileVerb.Create(terminal),
        ReportRetractVerb.Create(terminal),
        ReportReceiptVerb.Create(terminal),
    };
}
