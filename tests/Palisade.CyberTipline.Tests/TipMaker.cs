namespace Palisade.CyberTipline.Tests;

/// <summary>
/// Makes documents with placeholder values that keep every rule. At <paramref name="fullness"/> 1 each optional part is
/// there; below it, by chance from the seed.
/// </summary>
internal sealed class TipMaker(int seed, double fullness)
{
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Random _random = new(seed);

    public CyberTip Tip()
    {
        var reported = Many(() => Reported());
        var recipients = Many(() => new IntendedRecipient
        {
            Person = Maybe(Person),
            Account = Account(),
            GroupIdentifier = Text(255),
            AdditionalInfo = Text(2000),
        });
        var address = reported.Take(1).SelectMany(party => party.Person?.Emails ?? []).FirstOrDefault();
        return new CyberTip
        {
            IncidentSummary = new IncidentSummary
            {
                IncidentType = Any<IncidentType>(),
                Platform = Text(256),
                EscalateToHighPriority = Maybe(() => "A placeholder reason."),
                ReportAnnotations = (ReportAnnotations)(fullness >= 1 ? 0x1f : _random.Next(0x20)),
                IncidentDateTime = Past(),
                IncidentDateTimeDescription = Text(3000),
            },
            InternetDetails = Places(address),
            LawEnforcement = Maybe(Police),
            Reporter = new Reporter
            {
                ReportingPerson = Person() with { Emails = [Email()] },
                ContactPerson = Maybe(Contact),
                CompanyTemplate = Text(4000),
                TermsOfService = Text(4000),
                LegalUrl = Maybe(Url),
            },
            PersonsOrUsersReported = [.. reported.Take(1)],
            IntendedRecipients = recipients,
            Victims = Many(() => new Victim
            {
                Person = Person(),
                Account = Account(),
                SchoolName = Text(255),
                AssociatedAccounts = Many(Associated),
                AdditionalInfo = Text(500),
            }),
            AdditionalInfo = Text(5000),
        };
    }

    public CyberTip BatchedTip() => new()
    {
        BatchedReport = BatchReason.ViralPotentialMeme,
        IncidentSummary = new IncidentSummary { IncidentType = Any<IncidentType>(), Platform = Maybe(() => "Placeholder Photos"), IncidentDateTime = Past() },
        Reporter = new Reporter { ReportingPerson = new Person { Emails = [Email()] } },
        PersonsOrUsersReported =
            [.. Enumerable.Range(0, _random.Next(1, 5)).Select(user => new PersonOrUserReported { Account = new UserAccount { EspIdentifier = $"user-{user}" } })],
    };

    public FileDetails File()
    {
        var viewed = Maybe(Bool);
        var isSupplemental = fullness < 1 && Bool();
        return new FileDetails
        {
            ReportId = _random.NextInt64(1, long.MaxValue),
            FileId = Guid.NewGuid().ToString("N"),
            LegacyFileName = Text(2056),
            OriginalFileName = Text(2056),
            UploadedToEspTimestamp = MaybePast(),
            LocationOfFile = Maybe(Url),
            FileViewedByEsp = viewed,
            ExifViewedByEsp = viewed == true ? Maybe(Bool) : false,
            PubliclyAvailable = Maybe(Bool),
            FileRelevance = isSupplemental ? FileRelevance.SupplementalReported : FileRelevance.Reported,
            FileAnnotations = (FileAnnotations)((fullness >= 1 ? 0x3ff : _random.Next(0x400)) & (isSupplemental ? ~(int)FileAnnotations.PotentialMeme : ~0)),
            IndustryClassification = isSupplemental ? null : Maybe(() => (IndustryClassification?)Any<IndustryClassification>()),
            OriginalFileHashes = Many(() => new OriginalFileHash("MD5", "d41d8cd98f00b204e9800998ecf8427e")),
            IpCaptureEvent = Maybe(Capture),
            DeviceIds = Many(Device),
            Details = Many(() => new MetadataDetails(Any<MetadataKind>(), [new NameValuePair("PDQ-quality", "100"), new NameValuePair("note", Text(300) ?? "")])),
            AdditionalInfo = Many(() => Text(1000) ?? "none"),
        };
    }

    private PersonOrUserReported Reported() => new()
    {
        Person = Maybe(Person),
        VehicleDescription = Text(300),
        Account = Account(),
        ThirdPartyUserReported = Maybe(Bool),
        GroupIdentifier = Text(255),
        AssociatedAccounts = Many(Associated),
        AdditionalInfo = Text(1000),
    };

    private List<InternetDetails> Places(Email? address)
    {
        InternetDetails[] places =
        [
            new InternetDetails.WebPage { ThirdPartyHostedContent = Maybe(Bool), Urls = Many(Url), AdditionalInfo = Text(200) },
            new InternetDetails.EmailMessage { EmailAddresses = address is null ? [] : [address], Content = Text(2000), AdditionalInfo = Text(200) },
            new InternetDetails.Newsgroup { Name = Text(255), EmailAddresses = address is null ? [] : [address], Content = Text(2000), AdditionalInfo = Text(200) },
            new InternetDetails.Chat { ChatClient = Text(255), ChatRoomName = Text(255), Content = Text(2000), AdditionalInfo = Text(200) },
            new InternetDetails.OnlineGaming { GameName = Text(255), Console = Text(255), Content = Text(2000), AdditionalInfo = Text(200) },
            new InternetDetails.CellPhone
            {
                PhoneNumber = Maybe(Phone), Latitude = fullness >= 1 ? 51.5 : null, Longitude = fullness >= 1 ? -0.1 : null, AdditionalInfo = Text(200),
            },
            new InternetDetails.NonInternet { LocationName = Text(255), IncidentAddresses = Many(Address), AdditionalInfo = Text(200) },
            new InternetDetails.PeerToPeer { Client = Text(255), IpCaptureEvents = Many(Capture), FileNames = Text(400), AdditionalInfo = Text(200) },
        ];
        return [.. places.Where(_ => IsThere())];
    }

    private LawEnforcement Police() => new()
    {
        AgencyName = "Placeholder Agency",
        CaseNumber = Text(100),
        OfficerContact = Maybe(Contact),
        ReportedToLe = Maybe(Bool),
        ServedLegalProcessDomestic = Maybe(Bool),
        ServedLegalProcessInternational = Maybe(() => new InternationalProcess(true, "CA")),
    };

    private UserAccount Account() => new()
    {
        EspIdentifier = Text(255),
        EspService = Text(100),
        CompromisedAccount = Maybe(Bool),
        ScreenName = Text(256),
        DisplayNames = Many(() => Text(255) ?? "name"),
        ProfileUrls = Many(Url),
        ProfileBio = Text(3000),
        IpCaptureEvents = Many(Capture),
        DeviceIds = Many(Device),
        PriorReports = Many(() => _random.NextInt64(1, 99_999_999)),
        TemporarilyDisabled = Maybe(Temporary),
        PermanentlyDisabled = Maybe(Permanent),
        EstimatedLocation = Maybe(() => new EstimatedLocation
        {
            CountryCode = "US",
            City = Maybe(() => "Springfield"),
            Region = "IL",
            Verified = Maybe(Bool),
            Timestamp = MaybePast(),
        }),
        AllEmailsReported = Maybe(Bool),
    };

    private AssociatedAccount Associated()
    {
        var hasAge = fullness >= 1 ? seed % 2 == 0 : IsThere();
        return new AssociatedAccount
        {
            Type = Any<AccountKind>(),
            Platform = Maybe(() => new AccountPlatform("Other Photos", Maybe(Bool))),
            FirstName = Text(256),
            MiddleName = Text(256),
            LastName = Text(256),
            ApproximateAge = hasAge ? _random.Next(151) : null,
            DateOfBirth = hasAge ? null : Maybe(Birth),
            Phones = Many(Phone),
            Emails = Many(Email),
            AllEmailsReported = Maybe(Bool),
            Addresses = Many(Address),
            EspService = Text(256),
            EspIdentifier = Text(256),
            ProfileUrls = Many(Url),
            ScreenName = Text(256),
            DisplayNames = Many(() => Text(255) ?? "name"),
            ProfileBio = Text(1000),
            GroupIdentifier = Text(256),
            CompromisedAccount = Maybe(Bool),
            TemporarilyDisabled = Maybe(Temporary),
            PermanentlyDisabled = Maybe(Permanent),
            IpCaptureEvents = Many(Capture),
            DeviceIds = Many(Device),
            PriorReports = Many(() => _random.NextInt64(1, 99_999_999)),
            AdditionalInfo = Text(200),
        };
    }

    private Person Person() => new()
    {
        FirstName = Text(100),
        LastName = Text(100),
        Phones = Many(Phone),
        Emails = Many(Email),
        Addresses = Many(Address),
        Age = fullness >= 1 || IsThere() ? _random.Next(151) : null,
        DateOfBirth = Maybe(Birth),
    };

    private ContactPerson Contact() => new()
    {
        FirstName = Text(100),
        LastName = Text(100),
        Phones = Many(Phone),
        Emails = Many(Email),
        Addresses = Many(Address),
    };

    private Phone Phone() => new("5550100100")
    {
        Type = Any<PhoneKind>(),
        Verified = true,
        VerificationDate = MaybePast(),
        CountryCallingCode = Maybe(() => "+1"),
        Extension = Maybe(() => "7"),
    };

    private Email Email() => new($"someone{_random.Next(1000)}@mail.example") { Type = Any<EmailKind>(), Verified = true, VerificationDate = MaybePast() };

    private PostalAddress Address()
    {
        var isUs = _random.Next(2) == 0;
        return new PostalAddress
        {
            Type = Any<AddressKind>(),
            Address = Text(255),
            City = Text(100),
            ZipCode = Maybe(() => "00000"),
            State = isUs ? "IL" : null,
            NonUsaState = isUs ? null : Text(100),
            Country = isUs ? "US" : "CA",
        };
    }

    private IpCaptureEvent Capture() => new(_random.Next(3) switch { 0 => "192.0.2.10", 1 => "2001:db8::42", _ => "::ffff:192.0.2.10" })
    {
        EventName = Any<CaptureEvent>(),
        DateTime = MaybePast(),
        PossibleProxy = Maybe(Bool),
        Port = fullness >= 1 || IsThere() ? _random.Next(1, 65_536) : null,
    };

    private DeviceId Device() => new("Advertising ID", "00000000-0000-0000-0000-000000000000") { EventName = Any<CaptureEvent>(), DateTime = MaybePast() };

    private TemporaryDisabling Temporary()
    {
        var disabled = Past();
        return new TemporaryDisabling(true)
        {
            DisabledDate = disabled,
            UserNotified = Maybe(Bool),
            UserNotifiedDate = disabled.AddSeconds(1),
            ReenabledDate = disabled.AddYears(1),
        };
    }

    private PermanentDisabling Permanent()
    {
        var disabled = Past();
        return new PermanentDisabling(true) { DisabledDate = disabled, UserNotified = Maybe(Bool), UserNotifiedDate = disabled.AddSeconds(1) };
    }

    /// <summary>With characters of every kind: markup, other scripts, decomposed accents, beyond the basic plane, forbidden ones.</summary>
    private string? Text(int maxLength)
    {
        if (!IsThere())
        {
            return null;
        }

        string[] pieces = ["placeholder ", "<&>\"' ", "Ünïcode ", "e\u0301 ", "\U0001F600 ", "line\nline ", "日本 ", "\u0001\uFFFE ", "\uD800 "];
        var text = string.Concat(Enumerable.Range(0, _random.Next(1, 12)).Select(_ => pieces[_random.Next(pieces.Length)])) + "end";

        // Sometimes beyond the limit, which the writer has to mend.
        return _random.Next(40) == 0 ? text + new string('x', maxLength) : text.Length > maxLength ? "short" : text;
    }

    private string Url() => $"https://photos.platform.example/p/{_random.Next()}";

    private DateOnly Birth() => new(1990 + _random.Next(20), 1 + _random.Next(12), 1 + _random.Next(28));

    private DateTimeOffset Past() =>
        Now.AddSeconds(-_random.Next(1, 100_000_000)).ToOffset(TimeSpan.FromMinutes(30 * _random.Next(-20, 21)));

    private DateTimeOffset? MaybePast() => IsThere() ? Past() : null;

    private bool Bool() => fullness >= 1 || _random.Next(2) == 0;

    private bool IsThere() => _random.NextDouble() < fullness;

    private T? Maybe<T>(Func<T> make)
        where T : class => IsThere() ? make() : null;

    private bool? Maybe(Func<bool> make) => IsThere() ? make() : null;

    private DateOnly? Maybe(Func<DateOnly> make) => IsThere() ? make() : null;

    private IndustryClassification? Maybe(Func<IndustryClassification?> make) => IsThere() ? make() : null;

    private List<T> Many<T>(Func<T> make)
    {
        var count = fullness >= 1 ? 2 : IsThere() ? _random.Next(3) : 0;
        return [.. Enumerable.Range(0, count).Select(_ => make())];
    }

    private T Any<T>()
        where T : struct, Enum => Enum.GetValues<T>() is var values ? values[_random.Next(values.Length)] : default;
}
