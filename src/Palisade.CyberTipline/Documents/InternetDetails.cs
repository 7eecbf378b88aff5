namespace Palisade.CyberTipline;

/// <summary>Where on or off the internet it happened: one of eight kinds of place.</summary>
public abstract record InternetDetails
{
    private InternetDetails()
    {
    }

    public string? AdditionalInfo { get; init; }

    public sealed record WebPage : InternetDetails
    {
        public bool? ThirdPartyHostedContent { get; init; }

        /// <summary>Absolute, at most 2,083 characters each .</summary>
        public IReadOnlyList<string> Urls { get; init; } = [];
    }

    public sealed record EmailMessage : InternetDetails
    {
        /// <summary>Each is also given as an address of the reported person, a recipient or a victim .</summary>
        public IReadOnlyList<Email> EmailAddresses { get; init; } = [];

        public string? Content { get; init; }
    }

    public sealed record Newsgroup : InternetDetails
    {
        /// <summary>255 characters.</summary>
        public string? Name { get; init; }

        /// <inheritdoc cref="EmailMessage.EmailAddresses"/>
        public IReadOnlyList<Email> EmailAddresses { get; init; } = [];

        public string? Content { get; init; }
    }

    public sealed record Chat : InternetDetails
    {
        /// <summary>255 characters.</summary>
        public string? ChatClient { get; init; }

        /// <summary>255 characters.</summary>
        public string? ChatRoomName { get; init; }

        public string? Content { get; init; }
    }

    public sealed record OnlineGaming : InternetDetails
    {
        /// <summary>255 characters.</summary>
        public string? GameName { get; init; }

        /// <summary>255 characters.</summary>
        public string? Console { get; init; }

        public string? Content { get; init; }
    }

    public sealed record CellPhone : InternetDetails
    {
        public Phone? PhoneNumber { get; init; }

        /// <summary>Degrees, north positive.</summary>
        public double? Latitude { get; init; }

        /// <summary>Degrees, east positive.</summary>
        public double? Longitude { get; init; }
    }

    public sealed record NonInternet : InternetDetails
    {
        /// <summary>255 characters.</summary>
        public string? LocationName { get; init; }

        public IReadOnlyList<PostalAddress> IncidentAddresses { get; init; } = [];
    }

    public sealed record PeerToPeer : InternetDetails
    {
        /// <summary>255 characters.</summary>
        public string? Client { get; init; }

        public IReadOnlyList<IpCaptureEvent> IpCaptureEvents { get; init; } = [];

        public string? FileNames { get; init; }
    }
}
