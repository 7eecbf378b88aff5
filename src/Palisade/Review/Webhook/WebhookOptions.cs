using Palisade.Banks.Fetching;

namespace Palisade.Review.Webhook;

/// <summary>Where the platform is told of every verdict and decision, beside the feed. Off until an address is given.</summary>
public sealed record WebhookOptions
{
    private const int MostKeys = 4;

    /// <summary>The platform's address, such as <c>https://hooks.example.org/palisade</c>; null switches the webhook off.</summary>
    public string? Url { get; init; }

    /// <summary>
    /// Hosts (names, or addresses in numbers) that may lie on a private network and may be asked by plain http. Every other
    /// host must be public and is asked by https on port 443.
    /// </summary>
    public IReadOnlyList<string> TrustedHosts { get; init; } = [];

    /// <summary>Every call is signed with each of these, so that one can be changed for another without a gap.</summary>
    public IReadOnlyList<WebhookKeyOptions> Keys { get; init; } = [];

    /// <summary>How long one call may take. Default 10 seconds.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(10);

    public bool IsOn => Url is not null;

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    public string? Fault()
    {
        if (Url is null)
        {
            return null;
        }

        if (!Uri.TryCreate(Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") ||
            uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            return "webhook.url must be an https address without user, password or fragment, such as https://hooks.example.org/palisade.";
        }

        if (!Trusts(uri.Host) && (uri.Scheme != Uri.UriSchemeHttps || uri.Port != 443 || !HostName.IsPlain(uri.Host)))
        {
            return "webhook.url must be https on port 443 with a host in letters; a host of your own network must be named in webhook.trustedHosts.";
        }

        if (Keys.Count is 0 or > MostKeys || Keys.Select(key => key.Id).Distinct(StringComparer.Ordinal).Count() != Keys.Count)
        {
            return "webhook.keys needs 1 to 4 keys with different ids. `palisade webhook key FILE` makes one.";
        }

        if (MaxTime < TimeSpan.FromSeconds(1) || MaxTime > WebhookOutbox.Lease / 2)
        {
            return "webhook.maxTime must be 00:00:01 to 00:00:30.";
        }

        return Keys.Select(key => key.Fault()).FirstOrDefault(fault => fault is not null);
    }

    internal bool Trusts(string host) => TrustedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
}

/// <summary>One signing key: its id, which every call names, and the file that holds it.</summary>
public sealed record WebhookKeyOptions
{
    /// <summary>1 to 32 of a-z, 0-9 and '-'.</summary>
    public string Id { get; init; } = "";

    /// <summary>A file as <c>palisade webhook key</c> makes it: <c>whk_</c> and 64 hexadecimal digits.</summary>
    public string SecretFile { get; init; } = "";

    internal string? Fault() =>
        Id.Length is 0 or > 32 || !Id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? "webhook.keys: an id is 1 to 32 of a-z, 0-9 and '-'."
        : !File.Exists(SecretFile) ? $"webhook.keys: the secretFile of '{Id}' is not there, or may not be read."
        : WebhookKey.TryRead(this) is null ? $"webhook.keys: the secretFile of '{Id}' holds no key. `palisade webhook key FILE` makes one."
        : null;
}
