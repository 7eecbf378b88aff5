using System.Text;
using System.Xml.Linq;

namespace Palisade.CyberTipline.Tests;

/// <summary>The three examples of the protocol's description, made from objects.</summary>
public sealed class ExampleTests
{
    private static readonly DateTimeOffset Uploaded = new(2026, 1, 15, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void The_smallest_report_is_reproduced() =>
        AssertSame("report-minimal", CyberTipWriter.Write(DocumentTests.Small()));

    [Fact]
    public void The_report_of_an_altered_picture_is_reproduced() => AssertSame("report-ai-altered", CyberTipWriter.Write(new CyberTip
    {
        IncidentSummary = new IncidentSummary
        {
            IncidentType = IncidentType.ChildPornography,
            Platform = "Placeholder Photos",
            IncidentDateTime = Uploaded,
            IncidentDateTimeDescription = "Time the upload request completed, from the edge log (UTC).",
        },
        InternetDetails =
        [
            new InternetDetails.WebPage
            {
                ThirdPartyHostedContent = false,
                Urls = ["https://photos.platform.example/p/placeholder-0001"],
                AdditionalInfo = "Removed from public view 4 seconds after upload.",
            },
        ],
        Reporter = Reporter(),
        PersonsOrUsersReported = [Reported()],
        AdditionalInfo = "Generator: Palisade. Detection: region match to a protected reference picture plus AI-alteration signals; see the file details. Reviewed by 2 trained reviewers.",
    }));

    [Fact]
    public void The_details_of_a_generated_file_are_reproduced() => AssertSame("filedetails-generative-ai", CyberTipWriter.Write(new FileDetails
    {
        ReportId = 1000001,
        FileId = "00112233445566778899aabbccddeeff",
        OriginalFileName = "placeholder.jpg",
        UploadedToEspTimestamp = Uploaded,
        LocationOfFile = "https://photos.platform.example/p/placeholder-0001/original.jpg",
        FileViewedByEsp = true,
        ExifViewedByEsp = false,
        PubliclyAvailable = false,
        FileRelevance = FileRelevance.Reported,
        FileAnnotations = FileAnnotations.GenerativeAi,
        IndustryClassification = IndustryClassification.B2,
        OriginalFileHashes =
        [
            new OriginalFileHash("MD5", "d41d8cd98f00b204e9800998ecf8427e"),
            new OriginalFileHash("SHA1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            new OriginalFileHash("SHA256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ],
        IpCaptureEvent = new IpCaptureEvent("2001:db8::42") { EventName = CaptureEvent.Upload, DateTime = Uploaded, Port = 51000 },
        Details = [new MetadataDetails(MetadataKind.Hash, [new NameValuePair("PDQ", new string('0', 64)), new NameValuePair("PDQ-quality", "100")])],
        AdditionalInfo =
        [
            "AI assessment: altered region 38% of the frame; method inpainting suspected; score 0.97; models palisade-ai-1. Provenance manifest: absent.",
            "Matched list entry: placeholder-list/entry-0001 (source picture outside the altered region; PDQ distance 12).",
        ],
    }));

    private static Reporter Reporter() => new()
    {
        ReportingPerson = new Person
        {
            FirstName = "Trust",
            LastName = "Team",
            Phones = [new Phone("5550100100") { Type = PhoneKind.Business, CountryCallingCode = "+1", Extension = "7" }],
            Emails =
            [
                new Email("trust-safety@platform.example")
                {
                    Type = EmailKind.Business, Verified = true, VerificationDate = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero),
                },
            ],
            Addresses =
            [
                new PostalAddress { Type = AddressKind.Business, Address = "1 Example Street", City = "Springfield", ZipCode = "00000", State = "IL", Country = "US" },
            ],
        },
        ContactPerson = new ContactPerson { FirstName = "Legal", LastName = "Desk", Emails = [new Email("legal@platform.example") { Type = EmailKind.Business }] },
        CompanyTemplate = "Placeholder Photos Ltd. Serve legal process at legal@platform.example. Reported content is preserved for at least 365 days.",
        TermsOfService = "Section 4 of the terms forbids this content.",
        LegalUrl = "https://platform.example/legal",
    };

    private static PersonOrUserReported Reported() => new()
    {
        Person = new Person { Emails = [new Email("reported-user@mail.example") { Type = EmailKind.Home, Verified = true }] },
        Account = new UserAccount
        {
            EspIdentifier = "user-000042",
            EspService = "Placeholder Photos",
            CompromisedAccount = false,
            ScreenName = "placeholder_user",
            DisplayNames = ["Placeholder User"],
            ProfileUrls = ["https://photos.platform.example/u/placeholder_user"],
            IpCaptureEvents =
            [
                new IpCaptureEvent("192.0.2.10")
                {
                    EventName = CaptureEvent.Registration, DateTime = new DateTimeOffset(2026, 1, 10, 11, 0, 0, TimeSpan.Zero), PossibleProxy = false, Port = 51000,
                },
                new IpCaptureEvent("2001:db8::42") { EventName = CaptureEvent.Login, DateTime = new DateTimeOffset(2026, 1, 15, 9, 12, 0, TimeSpan.Zero) },
            ],
            DeviceIds = [new DeviceId("Advertising ID", "00000000-0000-0000-0000-000000000000") { EventName = CaptureEvent.Upload, DateTime = Uploaded }],
            TemporarilyDisabled = new TemporaryDisabling(true) { DisabledDate = Uploaded.AddMinutes(1), UserNotified = false },
            EstimatedLocation = new EstimatedLocation { Verified = false, Timestamp = Uploaded, City = "Springfield", Region = "IL", CountryCode = "US" },
            AllEmailsReported = true,
        },
    };

    private static void AssertSame(string name, WrittenDocument written)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "vectors", "cybertipline", $"cybertipline-example-{name}.xml");
        Assert.Equal(Plain(XDocument.Load(path)), Plain(XDocument.Parse(Encoding.UTF8.GetString(written.Bytes.Span))));
        Assert.Empty(written.Notes);
        Assert.Empty(DocumentCheck.Check(File.ReadAllBytes(path), new CheckContext { Now = TipMaker.Now }));
    }

    /// <summary>Without comments, the pointer to a schema, and the two ways to write an empty element.</summary>
    private static string Plain(XDocument document)
    {
        document.Root!.Attributes().Where(attribute => attribute.IsNamespaceDeclaration || attribute.Name.NamespaceName.Length > 0).Remove();
        foreach (var element in document.Descendants().Where(element => !element.HasElements && element.Value.Length == 0))
        {
            element.RemoveNodes();
        }

        return document.Root.ToString();
    }
}
