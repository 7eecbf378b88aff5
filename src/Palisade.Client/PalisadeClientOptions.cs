namespace Palisade.Client;

/// <summary>Where the service is and how patiently it is asked.</summary>
public sealed record PalisadeClientOptions
{
    /// <summary>The root of the service, such as <c>https://palisade.internal:8443/</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// The key that <c>palisade key create</c> showed once. Scanning needs the scope <c>scan</c>, reading one scan
    /// <c>scans.read</c>, following the feed <c>verdicts.read</c>.
    /// </summary>
    public required string ApiKey { get; init; }

    /// <summary>Longest time that one call may take; a longer one counts as no answer. Default 30 seconds.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the feed rests after it has read everything there is. Default 1 second.</summary>
    public TimeSpan FeedRest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Lets the key and the uploads travel without TLS to another machine, for whoever can read the wire.
    /// Default false; an address on this machine needs no leave.
    /// </summary>
    public bool SendKeyAndUploadsUnencrypted { get; init; }

    /// <summary>The address alone: a key must not end in a log because somebody printed the options.</summary>
    public override string ToString() => $"Palisade at {Address}";

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    internal string? Fault()
    {
        if (!Address.IsAbsoluteUri || (Address.Scheme != Uri.UriSchemeHttps && Address.Scheme != Uri.UriSchemeHttp))
        {
            return $"{nameof(Address)} must be a whole http or https address.";
        }

        if (Address.Scheme == Uri.UriSchemeHttp && !Address.IsLoopback && !SendKeyAndUploadsUnencrypted)
        {
            return $"{Address} has no TLS and is another machine: use https, or set {nameof(SendKeyAndUploadsUnencrypted)}.";
        }

        if (string.IsNullOrWhiteSpace(ApiKey))
        {
            return $"{nameof(ApiKey)} is empty: create a key with 'palisade key create'.";
        }

        return CallTimeout <= TimeSpan.Zero || FeedRest <= TimeSpan.Zero
            ? $"{nameof(CallTimeout)} and {nameof(FeedRest)} must be longer than nothing."
            : null;
    }
}
