namespace Palisade.CyberTipline;

public enum TipEnvironment
{
    /// <summary>A server of our own that speaks the protocol; nothing reaches an authority.</summary>
    Rehearsal,

    /// <summary>The authority's test server. Its report ids mean nothing in production.</summary>
    Test,

    /// <summary>What is finished here is a report to the authority.</summary>
    Production,
}

/// <summary>
/// One environment with its address and its credentials, which are made together and cannot be mixed: the addresses of
/// test and production are fixed here, and a rehearsal can go to neither.
/// </summary>
public sealed class CyberTiplineEndpoint
{
    private const string ProductionHost = "report.cybertip.org";
    private const string TestHost = "exttest.cybertip.org";

    private CyberTiplineEndpoint(TipEnvironment environment, Uri address, string userName, string password)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(userName);
        ArgumentException.ThrowIfNullOrWhiteSpace(password);
        if (userName.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException("A user name for HTTP Basic has no colon.", nameof(userName));
        }

        Environment = environment;
        Address = address;
        UserName = userName;
        Password = password;
    }

    public TipEnvironment Environment { get; }

    /// <summary>Ends with a slash.</summary>
    public Uri Address { get; }

    internal string UserName { get; }

    internal string Password { get; }

    public static CyberTiplineEndpoint Production(string userName, string password) =>
        new(TipEnvironment.Production, new Uri($"https://{ProductionHost}/ispws/"), userName, password);

    public static CyberTiplineEndpoint Test(string userName, string password) =>
        new(TipEnvironment.Test, new Uri($"https://{TestHost}/ispws/"), userName, password);

    /// <param name="address">http or https, of a server of one's own.</param>
    /// <exception cref="ArgumentException">The address is the authority's, or no web address.</exception>
    public static CyberTiplineEndpoint Rehearsal(Uri address, string userName, string password)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException("A rehearsal needs an http or https address.", nameof(address));
        }

        var host = address.IdnHost.TrimEnd('.');
        if (host.Equals("cybertip.org", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".cybertip.org", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException("A rehearsal never goes to the authority; use Test or Production, which have their own credentials.", nameof(address));
        }

        var text = address.GetLeftPart(UriPartial.Path);
        return new(TipEnvironment.Rehearsal, new Uri(text.EndsWith('/') ? text : text + "/"), userName, password);
    }

    /// <summary>Without the credentials.</summary>
    public override string ToString() => $"{Environment} at {Address}";
}

/// <summary>A report that was opened, with the environment that it belongs to: no other client takes it.</summary>
public readonly record struct OpenReport(TipEnvironment Environment, long ReportId);
