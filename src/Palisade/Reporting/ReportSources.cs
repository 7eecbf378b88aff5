using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Storage;

namespace Palisade.Reporting;

/// <summary>Gathers what a report is made of. The service has to be unsealed; each look at sealed facts is on the audit log.</summary>
internal static class ReportSources
{
    public static async Task<ReportSource> ReadAsync(
        Store store, ReportBook book, EvidenceVault vault, FileViews views, ReportingOptions options, Report report, Actor by,
        CancellationToken cancellationToken)
    {
        var (found, uploads, decisions) = await book.Cases.ReadForReportAsync(report.Case, cancellationToken);
        var facts = new Dictionary<EvidenceId, EvidenceFacts>();
        var looks = new List<FileView>();
        foreach (var evidence in await vault.ListAsync(report.Case.ToString(), cancellationToken))
        {
            if (evidence.State == EvidenceState.Sealed)
            {
                facts[evidence.Id] = await vault.FactsAsync(
                    evidence.Id, by, FormattableString.Invariant($"report {report.Number}"), cancellationToken);
                looks.AddRange(await views.OfAsync(evidence.Id, cancellationToken));
            }
        }

        var account = AccountFacts.Merge(await store.ReadAsync(connection => book.Table.AccountsAsync(connection, report.Case), cancellationToken));
        var name = account.UserId ?? uploads.Select(upload => upload.Facts.UploaderToken).FirstOrDefault(token => token is not null);
        var prior = await store.ReadAsync(
            async connection => (await book.Table.OfCaseAsync(connection, report.Case))
                .Where(one => one.State == ReportState.Filed && one.Environment == report.Environment && one.Number < report.Number)
                .Select(one => one.Progress.RemoteId).OfType<long>()
                .Union(name is null
                    ? []
                    : await book.Table.PriorAsync(connection, book.Table.MacOf(name), report.Environment, report.Number))
                .ToList(),
            cancellationToken);
        return new ReportSource
        {
            Case = found,
            Uploads = uploads,
            Decision = report.Progress.Decision is { } position && position <= decisions.Count ? decisions[(int)position - 1] : null,
            Account = account,
            Evidence = facts,
            Views = looks,
            Findings = new Dictionary<EvidenceId, AiFinding>(),
            PriorReports = prior,
            Reporter = options.Reporter,
        };
    }
}
