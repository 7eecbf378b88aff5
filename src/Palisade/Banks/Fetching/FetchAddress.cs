using System.Buffers;
using System.Globalization;

namespace Palisade.Banks.Fetching;

/// <summary>
/// An address that passed the allow-list. It is taken apart here, character by character, and not by a general parser:
/// general parsers are kind to odd spellings, and two of them rarely agree on which host an odd spelling means.
/// </summary>
internal sealed record FetchAddress(string Host, int Port, string PathAndQuery)
{
    private const string Scheme = "https://";

    /// <summary>Longest address, in characters; servers commonly take 8,000 and real ones are far shorter.</summary>
    private const int MaxLength = 4096;

    /// <summary>What an address may hold (RFC 3986 section 2); everything else must come escaped.</summary>
    private static readonly SearchValues<char> Permitted = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%");

    public Uri ToUri() => new(Port == 443 ? $"{Scheme}{Host}{PathAndQuery}" : $"{Scheme}{Host}:{Port}{PathAndQuery}");

    /// <summary>Reads an address and checks it against the options.</summary>
    /// <returns>The refusal, or null with <paramref name="address"/> set.</returns>
    public static FetchOutcome.Refused? Read(string text, UrlFetchOptions options, out FetchAddress? address)
    {
        address = null;
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExcept(Permitted))
        {
            return new(FetchRefusal.NotAnAddress, "The address is too long, or holds characters that must be escaped.");
        }

        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return new(FetchRefusal.NotHttps, "Only addresses that begin with https:// are fetched.");
        }

        var afterScheme = text[Scheme.Length..];
        var authorityEnd = afterScheme.AsSpan().IndexOfAny('/', '?', '#');
        var authority = authorityEnd < 0 ? afterScheme : afterScheme[..authorityEnd];
        var rest = authorityEnd < 0 ? "" : afterScheme[authorityEnd..];
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            return new(FetchRefusal.UserInfo, "An address with a user or password in it is not fetched.");
        }

        var colon = authority.IndexOf(':', StringComparison.Ordinal);
        var host = (colon < 0 ? authority : authority[..colon]).ToLowerInvariant();
        var portText = colon < 0 ? "443" : authority[(colon + 1)..];
        if (!HostName.IsPlain(host)
            || !int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return new(FetchRefusal.NotAnAddress, "Name the host in letters, such as https://files.example.org/a.jpg.");
        }

        if (!options.Allows(host))
        {
            return new(FetchRefusal.HostNotAllowed, "The host is not on the list of allowed hosts.");
        }

        if (!options.Allows(port))
        {
            return new(FetchRefusal.PortNotAllowed, "The port is not on the list of allowed ports.");
        }

        var fragment = rest.IndexOf('#', StringComparison.Ordinal);
        var path = fragment < 0 ? rest : rest[..fragment];
        address = new(host, port, path.StartsWith('/') ? path : "/" + path);
        return null;
    }

    /// <summary>Where a redirect from here leads: a whole address, or a path on the same host.</summary>
    public string Follow(string location) =>
        location.StartsWith('/') && !location.StartsWith("//", StringComparison.Ordinal)
        ? $"{Scheme}{Host}:{Port.ToString(CultureInfo.InvariantCulture)}{location}"
        : location;
}
