using Palisade.Storage;

namespace Palisade.Reporting;

/// <summary>Why a change of a report was refused; nothing was changed. A closed set.</summary>
public abstract record ReportRefused(string Reason)
{
    public sealed record NoSuchReport() : ReportRefused("There is no such report. `palisade report list` shows those that exist.");

    public sealed record NoSuchCase() : ReportRefused("There is no such case.");

    public sealed record Off() : ReportRefused("Reporting is off. Set reporting.environment; docs/guide/reporting.md says how.");

    public sealed record NotDecided() : ReportRefused("A person has to decide the case as reportable before it is reported.");

    public sealed record UnderWay(long Number) : ReportRefused(FormattableString.Invariant($"Report {Number} of this case is under way."));

    public sealed record NotNow(ReportState Now) : ReportRefused($"The report is {Words.Of(Now)}, so that cannot be done.");

    public sealed record Busy() : ReportRefused("The service is sending it at this moment. Try again in a minute.");
}
