namespace Palisade.CyberTipline;

/// <summary>
/// Writes documents in the order that the authority enforces. What is too long is cut and given whole in the next
/// additionalInfo; nothing is left out without a note.
/// </summary>
public static class CyberTipWriter
{
    private const int UrlLength = 2083;

    /// <param name="target">
    /// The schema of the environment that it is meant for, from <c>GET /xsd</c>. Without it no 2026 addition is written.
    /// </param>
    public static WrittenDocument Write(CyberTip tip, LiveSchema? target = null)
    {
        ArgumentNullException.ThrowIfNull(tip);
        using var xml = new ElementWriter(target);
        xml.ElementWithInfo("report", tip.AdditionalInfo, () =>
        {
            if (tip.BatchedReport is { } reason)
            {
                xml.Element("batchedReport", () => xml.Attribute("reason", SchemaWords.BatchReasons[(int)reason]));
            }

            Write(xml, tip.IncidentSummary);
            foreach (var place in tip.InternetDetails)
            {
                xml.Element("internetDetails", () => IncidentWriter.Write(xml, place));
            }

            if (tip.LawEnforcement is { } police)
            {
                Write(xml, police);
            }

            Write(xml, tip.Reporter);
            foreach (var person in tip.PersonsOrUsersReported)
            {
                PartyWriter.Write(xml, person);
            }

            foreach (var recipient in tip.IntendedRecipients)
            {
                PartyWriter.Write(xml, recipient);
            }

            foreach (var victim in tip.Victims)
            {
                PartyWriter.Write(xml, victim);
            }
        });
        return xml.Finish();
    }

    /// <param name="withLegacy">
    /// Also writes <see cref="FileDetails.LegacyFileName"/> and <see cref="FileDetails.LegacyPotentialMeme"/>, which the
    /// schema has and the documentation does not; never for sending.
    /// </param>
    public static WrittenDocument Write(FileDetails file, LiveSchema? target = null, bool withLegacy = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var xml = new ElementWriter(target);
        xml.ElementWithInfo("fileDetails", file.AdditionalInfo, isRepeatable: true, () =>
        {
            xml.Number("reportId", file.ReportId);
            xml.Text("fileId", file.FileId);
            xml.Text("fileName", withLegacy ? file.LegacyFileName : null, 2056);
            xml.Text("originalFileName", file.OriginalFileName, 2056);
            xml.Instant("uploadedToEspTimestamp", file.UploadedToEspTimestamp);
            xml.Text("locationOfFile", file.LocationOfFile, UrlLength);
            xml.Flag("fileViewedByEsp", file.FileViewedByEsp);
            xml.Flag("exifViewedByEsp", file.ExifViewedByEsp);
            xml.Flag("publiclyAvailable", file.PubliclyAvailable);
            xml.Text("fileRelevance", file.FileRelevance is { } relevance ? SchemaWords.FileRelevances[(int)relevance] : null);
            xml.Flag("potentialMeme", withLegacy ? file.LegacyPotentialMeme : null);
            xml.Marks("fileAnnotations", (int)file.FileAnnotations, SchemaWords.FileAnnotations);
            xml.Text("industryClassification", file.IndustryClassification is { } rank ? SchemaWords.IndustryClassifications[(int)rank] : null);
            foreach (var hash in file.OriginalFileHashes)
            {
                xml.Element("originalFileHash", () =>
                {
                    xml.Attribute("hashType", hash.HashType);
                    xml.Value(hash.Value);
                });
            }

            ContactWriter.Write(xml, file.IpCaptureEvent is { } capture ? [capture] : []);
            ContactWriter.Write(xml, file.DeviceIds);
            foreach (var details in file.Details)
            {
                Write(xml, details);
            }
        });
        return xml.Finish();
    }

    private static void Write(ElementWriter xml, IncidentSummary summary) => xml.Element("incidentSummary", () =>
    {
        xml.Text("incidentType", SchemaWords.IncidentTypes[(int)summary.IncidentType]);
        xml.Text("platform", summary.Platform, 256);
        xml.Text("escalateToHighPriority", summary.EscalateToHighPriority, 3000);
        xml.Marks("reportAnnotations", (int)summary.ReportAnnotations, SchemaWords.ReportAnnotations);
        xml.Instant("incidentDateTime", summary.IncidentDateTime);
        xml.Text("incidentDateTimeDescription", summary.IncidentDateTimeDescription, 3000);
    });

    private static void Write(ElementWriter xml, LawEnforcement police) => xml.Element("lawEnforcement", () =>
    {
        xml.Text("agencyName", police.AgencyName, 255);
        xml.Text("caseNumber", police.CaseNumber, 100);
        ContactWriter.Write(xml, "officerContact", police.OfficerContact);
        xml.Flag("reportedToLe", police.ReportedToLe);
        xml.Flag("servedLegalProcessDomestic", police.ServedLegalProcessDomestic);
        if (police.ServedLegalProcessInternational is { } process)
        {
            xml.Element("servedLegalProcessInternational", () =>
            {
                xml.Attribute("fleaCountry", process.FleaCountry);
                xml.Value(process.Served);
            });
        }
    });

    private static void Write(ElementWriter xml, Reporter reporter) => xml.Element("reporter", () =>
    {
        ContactWriter.Write(xml, "reportingPerson", reporter.ReportingPerson);
        ContactWriter.Write(xml, "contactPerson", reporter.ContactPerson);
        xml.Text("companyTemplate", reporter.CompanyTemplate);
        xml.Text("termsOfService", reporter.TermsOfService);
        xml.Text("legalURL", reporter.LegalUrl, UrlLength);
    });

    private static void Write(ElementWriter xml, MetadataDetails details) => xml.Element("details", () =>
    {
        xml.Attribute("type", details.Type is { } kind ? SchemaWords.MetadataKinds[(int)kind] : null);
        foreach (var pair in details.Pairs)
        {
            xml.Element("nameValuePair", () =>
            {
                xml.Text("name", pair.Name, 64);
                xml.Text("value", pair.Value);
            });
        }
    });
}
