using System.Globalization;
using System.Net;
using Palisade.CyberTipline;
using Palisade.Evidence;
using Palisade.Review;

namespace Palisade.Reporting;

/// <summary>Everything that a report is made of. Nothing here is invented: what is not known is not said.</summary>
internal sealed record ReportSource
{
    public required Case Case { get; init; }

    public required IReadOnlyList<CaseUpload> Uploads { get; init; }

    public required CaseDecision? Decision { get; init; }

    public required AccountFacts Account { get; init; }

    /// <summary>The facts sealed with each piece of evidence, by its id.</summary>
    public required IReadOnlyDictionary<EvidenceId, EvidenceFacts> Evidence { get; init; }

    public required IReadOnlyList<FileView> Views { get; init; }

    public required IReadOnlyDictionary<EvidenceId, AiFinding> Findings { get; init; }

    /// <summary>The authority's numbers of earlier reports on this account, in the same environment.</summary>
    public required IReadOnlyList<long> PriorReports { get; init; }

    public required ReporterOptions Reporter { get; init; }
}

/// <summary>Turns a case into the authority's documents.</summary>
internal static class ReportContents
{
    public static CyberTip Report(ReportSource source)
    {
        var facts = source.Decision?.Report;
        var first = source.Uploads.Count > 0 ? source.Uploads[0] : null;
        var uploaded = source.Uploads.Select(upload => upload.Facts.UploadedAt).OfType<DateTimeOffset>().DefaultIfEmpty().Min();
        var hasUploadTime = uploaded != default && uploaded <= source.Case.Receipts.Detected;
        return new CyberTip
        {
            IncidentSummary = new IncidentSummary
            {
                IncidentType = facts?.IncidentType is { } word ? TypeOf(word) : IncidentType.ChildPornography,
                Platform = source.Reporter.Platform,
                EscalateToHighPriority = source.Decision is { ThreatToLife: true } urgent ? urgent.Reason : null,
                ReportAnnotations = Flags<ReportAnnotations>(facts?.Annotations, ReportWords.ReportAnnotations),
                IncidentDateTime = hasUploadTime ? uploaded : source.Case.Receipts.Detected,
                IncidentDateTimeDescription = hasUploadTime ? "When the platform took the first upload" : "When the content was detected",
            },
            InternetDetails = [.. Places(source)],
            Reporter = new Reporter
            {
                ReportingPerson = new Person
                {
                    FirstName = source.Reporter.FirstName,
                    LastName = source.Reporter.LastName,
                    Emails = [new Email(source.Reporter.Email)],
                    Phones = source.Reporter.Phone is { } phone ? [new Phone(phone)] : [],
                },
                CompanyTemplate = source.Reporter.CompanyTemplate,
                TermsOfService = source.Reporter.TermsOfService,
                LegalUrl = source.Reporter.LegalUrl,
            },
            PersonsOrUsersReported = AccountOf(source, first) is { } account ? [account] : [],
            AdditionalInfo = Lines(source),
        };
    }

    public static FileDetails File(ReportSource source, EvidenceId id, long reportId, string fileId)
    {
        var facts = source.Evidence[id];
        var upload = source.Uploads.FirstOrDefault(one => one.Evidence == id);
        var (isViewed, isMetadataViewed) = FileViews.Judge(id, source.Views);
        var finding = source.Findings.GetValueOrDefault(id);
        var annotations = Flags<FileAnnotations>(source.Decision?.Report?.Annotations, ReportWords.FileAnnotations);
        if (finding is { IsGenerative: true } || source.Decision?.Origin is ContentOrigin.AiMade or ContentOrigin.AiAltered)
        {
            annotations |= FileAnnotations.GenerativeAi;
        }

        var uploadAddress = facts.Network.FirstOrDefault(network => network.Event == "upload" && IPAddress.TryParse(network.Address, out _));
        var perceptual = (upload?.Facts.Matches ?? []).Where(match => !match.Shadow).ToList();
        return new FileDetails
        {
            ReportId = reportId,
            FileId = fileId,
            OriginalFileName = facts.FileName,
            UploadedToEspTimestamp = facts.UploadedAt <= facts.CapturedAt ? facts.UploadedAt : null,
            FileViewedByEsp = isViewed,
            ExifViewedByEsp = isMetadataViewed,
            FileRelevance = FileRelevance.Reported,
            FileAnnotations = annotations,
            IndustryClassification = source.Decision?.Report?.Classification is { } rank ? Enum.Parse<IndustryClassification>(rank) : null,
            OriginalFileHashes = [.. facts.Digests.OrderBy(digest => digest.Key, StringComparer.Ordinal).Select(digest =>
                new OriginalFileHash(digest.Key.ToUpperInvariant(), digest.Value))],
            IpCaptureEvent = uploadAddress is null ? null : new IpCaptureEvent(uploadAddress.Address)
            {
                EventName = CaptureEvent.Upload,
                DateTime = uploadAddress.At <= facts.CapturedAt ? uploadAddress.At : null,
                Port = uploadAddress.Port is >= 1 and <= 65_535 ? uploadAddress.Port : null,
            },
            AdditionalInfo =
            [
                .. finding is null ? [] : new[] { finding.Line() },
                .. perceptual.Select(match => string.Create(
                    CultureInfo.InvariantCulture, $"List match: {match.Type}, distance {match.Distance}, threshold {match.Threshold}")),
            ],
        };
    }

    /// <summary>What an investigator would miss and the platform could still give.</summary>
    public static IReadOnlyList<string> Missing(CyberTip tip)
    {
        var missing = new List<string>();
        var account = tip.PersonsOrUsersReported.Count > 0 ? tip.PersonsOrUsersReported[0] : null;
        Note(account?.Account.EspIdentifier is null, "personOrUserReported/espIdentifier");
        Note(account?.Account.ScreenName is null, "personOrUserReported/screenName");
        Note(account?.Person?.Emails is not { Count: > 0 }, "personOrUserReported/personOrUserReportedPerson/email");
        Note(account?.Account.IpCaptureEvents is not { Count: > 0 }, "personOrUserReported/ipCaptureEvent");
        Note(tip.IncidentSummary.Platform is null, "incidentSummary/platform");
        Note(tip.Reporter.CompanyTemplate is null, "reporter/companyTemplate");
        return missing;

        void Note(bool isMissing, string element)
        {
            if (isMissing)
            {
                missing.Add(element);
            }
        }
    }

    private static PersonOrUserReported? AccountOf(ReportSource source, CaseUpload? first)
    {
        var account = source.Account;
        var addresses = account.Addresses
            .Concat(source.Evidence.Values.SelectMany(facts => facts.Network).Select(network =>
                new AccountAddress(network.Event, network.Address, network.Port, network.At)))
            .Where(address => IPAddress.TryParse(address.Address, out _))
            .Distinct();
        var reported = new PersonOrUserReported
        {
            Person = account.Emails.Count > 0 || account.Phones.Count > 0
                ? new Person
                {
                    Emails = [.. account.Emails.Select(email => new Email(email))],
                    Phones = [.. account.Phones.Select(phone => new Phone(phone))],
                }
                : null,
            Account = new UserAccount
            {
                EspIdentifier = account.UserId ?? first?.Facts.UploaderToken,
                EspService = source.Reporter.Platform,
                ScreenName = account.ScreenName,
                DisplayNames = account.DisplayNames,
                ProfileUrls = account.ProfileUrls,
                ProfileBio = account.ProfileBio,
                IpCaptureEvents = [.. addresses.Select(address => new IpCaptureEvent(address.Address)
                {
                    EventName = EventOf(address.Event),
                    DateTime = address.At,
                    Port = address.Port is >= 1 and <= 65_535 ? address.Port : null,
                })],
                DeviceIds = [.. account.Devices.Select(device => new DeviceId(device.Kind, device.Value) { DateTime = device.At })],
                PriorReports = source.PriorReports,
                PermanentlyDisabled = account.DisabledAt is { } disabled ? new PermanentDisabling(true) { DisabledDate = disabled } : null,
            },
            AdditionalInfo = account.AdditionalInfo,
        };
        return reported.Person is null && reported.Account.EspIdentifier is null && reported.Account.ScreenName is null &&
            reported.Account.IpCaptureEvents.Count == 0
            ? null
            : reported;
    }

    private static IEnumerable<InternetDetails> Places(ReportSource source)
    {
        var urls = source.Account.ContentUrls
            .Concat(source.Uploads.Select(upload => upload.Facts.Flag?.Reference).OfType<string>())
            .Where(url => Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && url.Length <= 2083)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        yield return new InternetDetails.WebPage { Urls = urls };
    }

    private static string? Lines(ReportSource source)
    {
        var lines = source.Uploads
            .Where(upload => upload.Evidence is null)
            .Select(upload => $"One item of {upload.CameAt:O} has no file here: {Storage.Words.Of(upload.Gap ?? EvidenceGap.NoBytes)}.")
            .Concat(source.Uploads.Select(upload => upload.Facts.Flag?.Text).OfType<string>().Select(text => $"A user's complaint: {text}"))
            .Concat(source.Evidence.Values.SelectMany(facts => facts.Context).Select(item => $"{item.Kind}: {item.Text}"))
            .ToList();
        if (source.Decision?.Novelty is { } novelty)
        {
            lines.Insert(0, $"The reviewer took the material to be {Storage.Words.Of(novelty)}.");
        }

        return lines.Count == 0 ? null : string.Join('\n', lines);
    }

    private static IncidentType TypeOf(string word) => Storage.Words.Parse<IncidentType>(word);

    private static CaptureEvent EventOf(string word) =>
        Enum.TryParse<CaptureEvent>(word, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : CaptureEvent.Other;

    private static T Flags<T>(IReadOnlyList<string>? words, IReadOnlyList<string> known)
        where T : struct, Enum
    {
        var flags = 0;
        foreach (var word in (words ?? []).Intersect(known, StringComparer.Ordinal))
        {
            flags |= Convert.ToInt32(Storage.Words.Parse<T>(word), CultureInfo.InvariantCulture);
        }

        return (T)Enum.ToObject(typeof(T), flags);
    }
}
