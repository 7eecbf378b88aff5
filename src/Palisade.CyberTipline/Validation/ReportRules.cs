using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>Rules on a whole report: .</summary>
internal static class ReportRules
{
    /// <summary>What a batched report must not have, and the one thing its users may have.</summary>
    private static readonly string[] NotBatched = ["internetDetails", "lawEnforcement", "intendedRecipient", "victim", "additionalInfo"];

    public static IEnumerable<DocumentFault> Check(XElement report, CheckContext context)
    {
        var isBatched = report.Element("batchedReport") is not null;
        return [.. isBatched ? CheckBatched(report, context) : CheckPersons(report), .. CheckIncidentEmails(report), .. CheckActionable(report, context)];
    }

    private static IEnumerable<DocumentFault> CheckPersons(XElement report) =>
        report.Elements("personOrUserReported").Skip(1).Take(1)
            .Select(second => second.Fault("R-01", "is one too many: only a batched report names more than one"));

    private static IEnumerable<DocumentFault> CheckBatched(XElement report, CheckContext context)
    {
        if (report.Element("incidentSummary")?.Element("escalateToHighPriority") is { } escalation)
        {
            yield return escalation.Fault("R-17", "has no place in a batched report");
        }

        foreach (var other in report.Elements().Where(element => Array.IndexOf(NotBatched, element.Name.LocalName) >= 0))
        {
            yield return other.Fault("R-17", "has no place in a batched report");
        }

        foreach (var person in report.Elements("personOrUserReported"))
        {
            foreach (var fact in person.Elements().Where(element => element.Name.LocalName != "espIdentifier"))
            {
                yield return fact.Fault("R-17", "has no place in a batched report, whose users have an espIdentifier only");
            }

            if (person.Element("espIdentifier") is null)
            {
                yield return person.Fault("R-17", "needs an espIdentifier in a batched report");
            }
        }

        if (context.FileCount > 1)
        {
            yield return report.Fault("R-17", "is batched, so it goes with one file at most");
        }
    }

    private static IEnumerable<DocumentFault> CheckIncidentEmails(XElement report)
    {
        string[] parties = ["personOrUserReported", "intendedRecipient", "victim"];
        var known = report.Elements()
            .Where(element => Array.IndexOf(parties, element.Name.LocalName) >= 0)
            .SelectMany(party => party.Descendants("email"))
            .Select(email => email.Value.Trim())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return report.Elements("internetDetails").Elements().Elements("emailAddress")
            .Where(address => !known.Contains(address.Value.Trim()))
            .Select(address => address.Fault("R-08", "is no e-mail address of the reported person, a recipient or a victim; give it there as well"));
    }

    private static IEnumerable<DocumentFault> CheckActionable(XElement report, CheckContext context)
    {
        if (context.FileCount is not 0)
        {
            yield break;
        }

        string[] text = ["url", "profileUrl", "content", "fileNames"];
        string[] people = ["personOrUserReported", "intendedRecipient", "victim"];
        var says = report.Descendants().Any(element => Array.IndexOf(text, element.Name.LocalName) >= 0 && !string.IsNullOrWhiteSpace(element.Value)) ||
            report.Elements("additionalInfo").Any(info => !string.IsNullOrWhiteSpace(info.Value)) ||
            report.Elements("internetDetails").Elements().Elements("additionalInfo").Any(info => !string.IsNullOrWhiteSpace(info.Value)) ||
            report.Elements().Any(element => Array.IndexOf(people, element.Name.LocalName) >= 0 && !string.IsNullOrWhiteSpace(element.Value));
        if (!says)
        {
            yield return report.Fault("R-20", "has no file, no URL, no text and no person, so nobody can act on it");
        }
    }
}
