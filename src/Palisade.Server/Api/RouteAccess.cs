using Palisade.Keys;

namespace Palisade.Server.Api;

/// <summary>Who may call a route. Every route states it; one that does not stops the service from being built.</summary>
public abstract record RouteAccess
{
    private RouteAccess()
    {
    }

    /// <summary>A key with this scope.</summary>
    public sealed record WithScope(string Scope) : RouteAccess;

    /// <summary>Anybody who reaches the port, and why that is right.</summary>
    public sealed record Open(string Why) : RouteAccess;
}

/// <summary>How a route says who may call it.</summary>
internal static class RouteAccessStatements
{
    internal static T Needs<T>(this T route, string scope)
        where T : IEndpointConventionBuilder
    {
        if (!ApiScopes.All.Contains(scope))
        {
            throw new ArgumentException("A route needs a scope from the fixed list.", nameof(scope));
        }

        return route.WithMetadata(new RouteAccess.WithScope(scope));
    }

    internal static T IsOpen<T>(this T route, string why)
        where T : IEndpointConventionBuilder => route.WithMetadata(new RouteAccess.Open(why));

    /// <exception cref="InvalidOperationException">A route does not state who may call it, or states it twice.</exception>
    internal static void CheckThatEachRouteStatesItsAccess(this IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in routes.DataSources.SelectMany(source => source.Endpoints))
        {
            if (endpoint.Metadata.OfType<RouteAccess>().Count() != 1)
            {
                throw new InvalidOperationException(
                    $"The route '{endpoint.DisplayName}' must state once who may call it: .Needs(scope) or .IsOpen(why).");
            }
        }
    }
}
