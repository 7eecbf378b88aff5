namespace Palisade.CyberTipline;

/// <summary>An address of the internet that was seen with an account or a file.</summary>
/// <param name="IpAddress">IPv4, IPv6 or IPv4-mapped IPv6 .</param>
public sealed record IpCaptureEvent(string IpAddress)
{
    public CaptureEvent? EventName { get; init; }

    public DateTimeOffset? DateTime { get; init; }

    public bool? PossibleProxy { get; init; }

    /// <summary>1 to 65,535.</summary>
    public int? Port { get; init; }
}

/// <param name="IdType">IMEI, ICCID, SSID, advertising id and the like; 255 characters.</param>
/// <param name="IdValue">2,083 characters.</param>
public sealed record DeviceId(string IdType, string IdValue)
{
    public CaptureEvent? EventName { get; init; }

    public DateTimeOffset? DateTime { get; init; }
}

public enum CaptureEvent
{
    Login,
    Registration,
    Purchase,
    Upload,
    Other,
    Unknown,
}
