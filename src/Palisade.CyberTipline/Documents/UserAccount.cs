namespace Palisade.CyberTipline;

/// <summary>What a platform holds on one account: the same facts for a reported user, a recipient and a victim.</summary>
public sealed record UserAccount
{
    /// <summary>The platform's own id of the user; 255 characters.</summary>
    public string? EspIdentifier { get; init; }

    /// <summary>The platform's product name; 100 characters.</summary>
    public string? EspService { get; init; }

    public bool? CompromisedAccount { get; init; }

    /// <summary>256 characters.</summary>
    public string? ScreenName { get; init; }

    /// <summary>255 characters each.</summary>
    public IReadOnlyList<string> DisplayNames { get; init; } = [];

    /// <summary>Absolute, at most 2,083 characters each .</summary>
    public IReadOnlyList<string> ProfileUrls { get; init; } = [];

    public string? ProfileBio { get; init; }

    public IReadOnlyList<IpCaptureEvent> IpCaptureEvents { get; init; } = [];

    public IReadOnlyList<DeviceId> DeviceIds { get; init; } = [];

    /// <summary>Earlier reports on this user, of the same environment .</summary>
    public IReadOnlyList<long> PriorReports { get; init; } = [];

    public TemporaryDisabling? TemporarilyDisabled { get; init; }

    public PermanentDisabling? PermanentlyDisabled { get; init; }

    public EstimatedLocation? EstimatedLocation { get; init; }

    /// <summary>There is no e-mail address left to report.</summary>
    public bool? AllEmailsReported { get; init; }
}

/// <summary>R-11: notified not before disabled; enabled again after disabled, and that may lie ahead.</summary>
public sealed record TemporaryDisabling(bool IsDisabled)
{
    public DateTimeOffset? DisabledDate { get; init; }

    public bool? UserNotified { get; init; }

    public DateTimeOffset? UserNotifiedDate { get; init; }

    public DateTimeOffset? ReenabledDate { get; init; }
}

/// <summary>R-11: notified not before disabled.</summary>
public sealed record PermanentDisabling(bool IsDisabled)
{
    public DateTimeOffset? DisabledDate { get; init; }

    public bool? UserNotified { get; init; }

    public DateTimeOffset? UserNotifiedDate { get; init; }
}
