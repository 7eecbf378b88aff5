using System.Text;

namespace Palisade.CyberTipline.Tests;

public sealed class BrokenDocumentTests
{
    private const string Report =
        """
        <report><incidentSummary><incidentType>Child Sex Tourism</incidentType><incidentDateTime>2026-01-15T09:30:00Z</incidentDateTime></incidentSummary>
        <reporter><reportingPerson><email>a@b.example</email></reportingPerson></reporter></report>
        """;

    private const string Details =
        """
        <fileDetails><reportId>7</reportId><fileId>abc</fileId><fileViewedByEsp>false</fileViewedByEsp><exifViewedByEsp>false</exifViewedByEsp>
        <fileAnnotations><viral/></fileAnnotations><industryClassification>A1</industryClassification><originalFileHash hashType="MD5">00</originalFileHash></fileDetails>
        """;

    public static readonly TheoryData<string, string, string, string, string> Broken = new()
    {
        { "R", "09:30:00Z", "09:30:00", "report/incidentSummary/incidentDateTime", "R-02" },
        { "R", "<incidentType>Child Sex Tourism</incidentType><incidentDateTime>2026-01-15T09:30:00Z</incidentDateTime>", "<incidentDateTime>2026-01-15T09:30:00Z</incidentDateTime><incidentType>Child Sex Tourism</incidentType>", "report/incidentSummary/incidentDateTime", "schema" },
        { "F", "<fileViewedByEsp>false</fileViewedByEsp><exifViewedByEsp>false</exifViewedByEsp>", "<exifViewedByEsp>false</exifViewedByEsp><fileViewedByEsp>false</fileViewedByEsp>", "fileDetails/fileViewedByEsp", "schema" },
        { "R", "Child Sex Tourism", "Something Else", "report/incidentSummary/incidentType", "schema" },
        { "R", "<email>a@b.example</email>", "", "report/reporter/reportingPerson", "schema" },
        { "R", "<incidentDateTime>", "<escalateToHighPriority></escalateToHighPriority><incidentDateTime>", "report/incidentSummary/escalateToHighPriority", "R-03" },
        { "F", "<viral/>", "<viral>false</viral>", "fileDetails/fileAnnotations/viral", "R-16" },
        { "F", "A1", "C1", "fileDetails/industryClassification", "schema" },
        { "F", " hashType=\"MD5\"", "", "fileDetails/originalFileHash", "schema" },
        { "F", "<fileId>abc</fileId>", "<fileId> </fileId>", "fileDetails/fileId", "R-03" },
    };

    /// <summary>What the schema lets pass: one case for each way to break a rule.</summary>
    public static readonly TheoryData<string, string, string, string, string> Ruled = new()
    {
        { "R", "</reporter>", "</reporter><personOrUserReported/><personOrUserReported/>", "report/personOrUserReported[2]", "R-01" },
        { "R", "2026-01-15", "2036-01-15", "report/incidentSummary/incidentDateTime", "R-02" },
        { "R", "<incidentDateTime>", "<escalateToHighPriority>  </escalateToHighPriority><incidentDateTime>", "report/incidentSummary/escalateToHighPriority", "R-03" },
        { "R", "</reporter>", "</reporter><personOrUserReported><ipCaptureEvent><ipAddress>1.2.3</ipAddress></ipCaptureEvent></personOrUserReported>", "report/personOrUserReported/ipCaptureEvent/ipAddress", "R-04" },
        { "R", "<email>", "<phone countryCallingCode=\"+44\">+44 20 7946 0000</phone><email>", "report/reporter/reportingPerson/phone", "R-05" },
        { "R", "<email>", "<email verificationDate=\"2026-01-01T00:00:00Z\">", "report/reporter/reportingPerson/email", "R-06" },
        { "R", "a@b.example", "a@b..example", "report/reporter/reportingPerson/email", "R-07" },
        { "R", "<reporter>", "<internetDetails><emailIncident><emailAddress>x@y.example</emailAddress></emailIncident></internetDetails><reporter>", "report/internetDetails/emailIncident/emailAddress", "R-08" },
        { "R", "</email>", "</email><address><state>IL</state><country>FR</country></address>", "report/reporter/reportingPerson/address/state", "R-09" },
        { "R", "</reporter>", "</reporter><personOrUserReported><estimatedLocation><city>Springfield</city><countryCode>US</countryCode></estimatedLocation></personOrUserReported>", "report/personOrUserReported/estimatedLocation", "R-10" },
        { "R", "</reporter>", "</reporter><personOrUserReported><accountPermanentlyDisabled disabledDate=\"2026-01-02T00:00:00Z\" userNotifiedDate=\"2026-01-01T00:00:00Z\">true</accountPermanentlyDisabled></personOrUserReported>", "report/personOrUserReported/accountPermanentlyDisabled", "R-11" },
        { "R", "</reporter>", "</reporter><personOrUserReported><associatedAccount type=\"Other\"><approximateAge>9</approximateAge><dateOfBirth>2015-01-01</dateOfBirth></associatedAccount></personOrUserReported>", "report/personOrUserReported/associatedAccount", "R-12" },
        { "R", "</reportingPerson>", "</reportingPerson><legalURL>platform.example/legal</legalURL>", "report/reporter/legalURL", "R-13" },
        { "F", "<exifViewedByEsp>false", "<exifViewedByEsp>true", "fileDetails/exifViewedByEsp", "R-14" },
        { "F", "<fileAnnotations>", "<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations>", "fileDetails/industryClassification", "R-15" },
        { "R", "<incidentSummary>", "<batchedReport reason=\"VIRAL_POTENTIAL_MEME\"/><incidentSummary>", "report/additionalInfo", "R-17" },
        { "R", "</reporter>", "</reporter><personOrUserReported><priorCTReports>5</priorCTReports></personOrUserReported>", "report/personOrUserReported/priorCTReports", "R-18" },
        { "R", "</reporter>", "</reporter>", "report", "R-20" },
    };

    [Theory, MemberData(nameof(Broken))]
    public void Ten_broken_documents_are_refused_with_the_place_and_the_rule(string kind, string whole, string broken, string element, string rule)
    {
        var document = kind == "R" ? Report : Details;
        Assert.Contains(whole, document, StringComparison.Ordinal);

        var fault = Assert.Single(Check(document.Replace(whole, broken, StringComparison.Ordinal)));

        Assert.Equal((element, rule), (fault.Element, fault.Rule));
        Assert.True(fault.Line > 0);
        Assert.DoesNotContain("Something Else", fault.Reason, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ruled))]
    public void What_breaks_a_numbered_rule_is_refused_with_its_number(string kind, string whole, string broken, string element, string rule)
    {
        var document = (kind == "R" ? Report : Details).Replace(whole, broken, StringComparison.Ordinal);
        if (rule == "R-17")
        {
            document = document.Replace("</report>", "<additionalInfo>text</additionalInfo></report>", StringComparison.Ordinal);
        }

        var faults = DocumentCheck.Check(Encoding.UTF8.GetBytes(document), new CheckContext { Now = TipMaker.Now, FileCount = rule == "R-20" ? 0 : 1, IsKnownReport = _ => false });

        var fault = Assert.Single(faults);
        Assert.Equal((element, rule), (fault.Element, fault.Rule));
    }

    [Fact]
    public void The_unbroken_documents_are_valid()
    {
        Assert.Empty(Check(Report));
        Assert.Empty(Check(Details));
    }

    [Theory]
    [InlineData("<!DOCTYPE report [<!ENTITY a \"b\">]><report/>")]
    [InlineData("<report>")]
    [InlineData("")]
    [InlineData("no xml")]
    public void What_is_no_plain_xml_is_refused_as_such(string text) => Assert.Equal("xml", Assert.Single(Check(text)).Rule);

    [Fact]
    public void A_document_nested_a_hundred_thousand_deep_is_refused_and_stops_nothing()
    {
        var text = string.Concat(Enumerable.Repeat("<report>", 100_000)) + string.Concat(Enumerable.Repeat("</report>", 100_000));

        Assert.Equal("schema", Check(text)[0].Rule);
    }

    [Fact]
    public void A_batched_file_says_nothing_but_viral_or_meme() =>
        Assert.Equal(
            ["fileDetails/originalFileHash"],
            DocumentCheck.Check(Encoding.UTF8.GetBytes(Details), new CheckContext { Now = TipMaker.Now, IsBatched = true }).Select(fault => fault.Element));

    private static IReadOnlyList<DocumentFault> Check(string text) =>
        DocumentCheck.Check(Encoding.UTF8.GetBytes(text), new CheckContext { Now = TipMaker.Now });
}
