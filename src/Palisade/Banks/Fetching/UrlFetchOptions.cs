namespace Palisade.Banks.Fetching;

/// <summary>From where a picture may be fetched by its address. Off until a host is named.</summary>
public sealed record UrlFetchOptions
{
    /// <summary>
    /// Host names that may be asked: <c>files.example.org</c> is that host alone, <c>*.example.org</c> every host under
    /// it. Empty, the default, switches fetching off.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Ports that may be asked. Empty, the default, means 443 alone; a list must name 443 to keep it.</summary>
    public IReadOnlyList<int> AllowedPorts { get; init; } = [];

    /// <summary>How many redirects are followed, each checked like the first address. Default 0.</summary>
    public int MaxRedirects { get; init; }

    /// <summary>Largest answer in bytes. Default 64 MiB, the decoder's largest file.</summary>
    public int MaxBytes { get; init; } = 64 << 20;

    /// <summary>Longest time for everything together, redirects included. Default 20 seconds.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The operator's own way out, such as <c>http://egress.internal:3128</c>; asked with CONNECT for the address that
    /// was checked, never for a name that it would look up again. Null, the default, connects directly; the
    /// environment's proxy variables are never read.
    /// </summary>
    public Uri? Proxy { get; init; }

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    public string? Fault()
    {
        foreach (var host in AllowedHosts)
        {
            if (!HostName.IsPlain(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host))
            {
                return $"'{host}' is no host name: write files.example.org or *.example.org, without scheme, port or "
                    + "path; addresses in numbers are never allowed.";
            }
        }

        if (AllowedPorts.Any(port => port is < 1 or > 65535))
        {
            return "Allowed ports are numbers from 1 to 65535.";
        }

        if (MaxRedirects is < 0 or > 10 || MaxBytes < 1 || MaxTime <= TimeSpan.Zero)
        {
            return "Redirects must be 0 to 10, the largest answer one byte or more, the longest time more than nothing.";
        }

        return Proxy is null || (Proxy.IsAbsoluteUri && Proxy.Scheme == Uri.UriSchemeHttp && Proxy.UserInfo.Length == 0)
            ? null
            : "The proxy must be an http address without user or password.";
    }

    internal bool Allows(int port) => AllowedPorts.Count == 0 ? port == 443 : AllowedPorts.Contains(port);

    internal bool Allows(string host) => AllowedHosts.Any(allowed => allowed.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(allowed, StringComparison.OrdinalIgnoreCase));
}
