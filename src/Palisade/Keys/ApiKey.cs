using System.Net;

namespace Palisade.Keys;

/// <summary>What is known of an API key; its secret is not.</summary>
public sealed record ApiKey
{
    public required long Id { get; init; }

    /// <summary>What it is for, in the operator's words.</summary>
    public required string Name { get; init; }

    /// <summary>From <see cref="ApiScopes"/>.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The networks it may be used from; empty means any.</summary>
    public required IReadOnlyList<IPNetwork> Networks { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The first moment at which it is refused.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public bool Has(string scope) => Scopes.Contains(scope, StringComparer.Ordinal);

    /// <summary>An IPv4 address that arrived over an IPv6 socket is held against the IPv4 networks.</summary>
    public bool MayBeUsedFrom(IPAddress? remote)
    {
        if (Networks.Count == 0)
        {
            return true;
        }

        if (remote is null)
        {
            return false;
        }

        var address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        return Networks.Any(network => network.Contains(address));
    }
}

/// <summary>What became of the wish for a key: <see cref="Created"/> or <see cref="Refused"/>.</summary>
public abstract record KeyCreation
{
    private KeyCreation()
    {
    }

    /// <param name="Secret">Shown once; only its hash is kept.</param>
    public sealed record Created(ApiKey Key, string Secret) : KeyCreation
    {
        /// <summary>Without the secret, so that a log of this record gives nothing away.</summary>
        public override string ToString() => $"Created key {Key.Id}";
    }

    /// <param name="Reason">What was wrong and what is allowed, for the person who asked.</param>
    public sealed record Refused(string Reason) : KeyCreation;
}

/// <summary>What a presented secret is worth: <see cref="Valid"/> or one of the refusals.</summary>
public abstract record KeyFinding
{
    private KeyFinding()
    {
    }

    public sealed record Valid(ApiKey Key) : KeyFinding;

    public sealed record Unknown : KeyFinding;

    public sealed record Expired(ApiKey Key) : KeyFinding;

    public sealed record Revoked(ApiKey Key) : KeyFinding;

    public sealed record WrongNetwork(ApiKey Key) : KeyFinding;
}
