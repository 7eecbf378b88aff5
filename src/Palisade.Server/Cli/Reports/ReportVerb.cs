using System.CommandLine;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report</c>: what goes to an authority.</summary>
internal static class ReportVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "report",
        "Check what goes to an authority.",
        "palisade report check report.xml")
    {
        ReportCheckVerb.Create(terminal),
    };
}
