using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Server.Options;

namespace Palisade.Server.Api;

/// <summary>
/// Lets a call through to its route when its key may make it. Before it nothing of a call is read but its headers.
/// </summary>
public sealed class Gatekeeper : IDisposable
{
    private readonly RequestDelegate _next;
    private readonly ApiKeys _keys;
    private readonly FailedAccess _failed;
    private readonly IPAddress? _trustedProxy;
    private readonly PartitionedRateLimiter<long> _rates;

    public Gatekeeper(RequestDelegate next, ApiKeys keys, FailedAccess failed, PalisadeOptions options)
    {
        _next = next;
        _keys = keys;
        _failed = failed;
        _trustedProxy = options.Listen.TrustedProxy is { } proxy ? IPAddress.Parse(proxy) : null;

        // Ten portions a second where there are so many, so that a steady caller is not stopped for most of each second.
        var portion = Math.Max(1, options.Limits.CallsPerSecondPerKey / 10);
        _rates = PartitionedRateLimiter.Create<long, long>(key => RateLimitPartition.GetTokenBucketLimiter(
            key,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.Limits.CallBurstPerKey,
                TokensPerPeriod = portion,
                ReplenishmentPeriod = TimeSpan.FromSeconds((double)portion / options.Limits.CallsPerSecondPerKey),
                QueueLimit = 0,
            }));
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (await RefuseAsync(context) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        await _next(context);
    }

    public void Dispose() => _rates.Dispose();

    private async Task<Problem?> RefuseAsync(HttpContext context)
    {
        if (_trustedProxy is not null && !CameThroughProxy(context))
        {
            return Refuse(Problem.NotThroughProxy);
        }

        var access = context.GetEndpoint()?.Metadata.GetMetadata<RouteAccess>();
        if (access is not RouteAccess.WithScope { Scope: var scope })
        {
            // No route at all, or the framework's own answer to a wrong method, ends as a problem without a key.
            return null;
        }

        if (SecretOf(context.Request) is not { } secret)
        {
            return Refuse(Problem.KeyMissing);
        }

        switch (await _keys.FindAsync(secret, context.Connection.RemoteIpAddress, context.RequestAborted))
        {
            case KeyFinding.Valid { Key: var key }:
                if (!key.Has(scope))
                {
                    return Refuse(Problem.ScopeMissing, key);
                }

                using (var lease = _rates.AttemptAcquire(key.Id))
                {
                    if (!lease.IsAcquired)
                    {
                        return Problem.RateLimited;
                    }
                }

                context.Features.Set(new Caller(key));
                return null;

            case KeyFinding.WrongNetwork { Key: var key }:
                return Refuse(Problem.NetworkNotAllowed, key);

            case KeyFinding.Expired { Key: var key }:
                return Refuse(Problem.KeyNotValid, key);

            case KeyFinding.Revoked { Key: var key }:
                return Refuse(Problem.KeyNotValid, key);

            default:
                return Refuse(Problem.KeyNotValid);
        }
    }

    private Problem Refuse(Problem problem, ApiKey? key = null)
    {
        _failed.Count(problem.Word, key?.Id);
        return problem;
    }

    /// <summary>Whether the connection is the proxy's, or comes from this machine.</summary>
    private bool CameThroughProxy(HttpContext context)
    {
        // The forwarded address has taken the connection's place by now; the connection's own was kept beside it.
        var peer = context.Features.Get<Peer>()?.Address ?? context.Connection.RemoteIpAddress;
        return peer is not null && (IPAddress.IsLoopback(peer) || Peer.Plain(peer).Equals(_trustedProxy));
    }

    private static string? SecretOf(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[Scheme.Length..].Trim();
        }

        var plain = request.Headers["X-Api-Key"].ToString();
        return plain.Length > 0 ? plain : null;
    }
}

/// <summary>Whose call it is; set once the key was found good.</summary>
public sealed record Caller(ApiKey Key)
{
    /// <summary>Whether answers may tell which bank and signal matched, and how far apart.</summary>
    public bool SeesMatches => Key.Has(ApiScopes.MatchDetail);

    /// <summary>How the change log names this caller.</summary>
    internal Actor Actor => Actor.ApiKey(Key.Id);

    internal static Caller Of(HttpContext context) => context.Features.GetRequiredFeature<Caller>();
}

/// <summary>The other end of the connection itself, before a proxy's word about its caller was believed.</summary>
public sealed record Peer(IPAddress? Address)
{
    /// <summary>An IPv4 address that arrived over an IPv6 socket, as IPv4.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
