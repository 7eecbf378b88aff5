using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Server.Api;

namespace Palisade.Server.Tests.Api;

/// <summary>T3.4 and T4.2, made from the route table itself: a route that is added tomorrow is in here tomorrow.</summary>
public sealed class AccessMatrixTests : IAsyncLifetime
{
    /// <summary>The whole list of what may be called without a key.</summary>
    private static readonly string[] Open =
    [
        "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi/{documentName}.json",
        "GET /docs/", "GET /docs/{documentName?}", "GET /docs/scalar.js", "GET /docs/scalar.aspnetcore.js", "GET /docs/favicon.svg",
    ];

    private RunningService _service = null!;

    public async ValueTask InitializeAsync() => _service = await RunningService.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public void Only_the_routes_on_the_short_list_are_open()
    {
        var open = Routes().Where(route => route.Access is RouteAccess.Open).Select(route => route.Name);

        Assert.Empty(open.Except(Open, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_scope_opens_its_own_routes_and_no_other()
    {
        var routes = Routes().Where(route => route.Access is RouteAccess.WithScope).ToList();
        var unexpected = new List<string>();
        foreach (var scope in ApiScopes.All)
        {
            using var client = await _service.ClientAsync(scope);
            foreach (var route in routes)
            {
                var isAllowed = ((RouteAccess.WithScope)route.Access).Scope == scope;
                using var response = await client.SendAsync(route.Request());
                var isRefused = response.StatusCode == HttpStatusCode.Forbidden &&
                    await IsProblemAsync(response, Problem.ScopeMissing);
                if (isAllowed == isRefused || response.StatusCode == HttpStatusCode.Unauthorized)
                {
                    unexpected.Add($"{scope} on {route.Name}: {(int)response.StatusCode}");
                }
            }
        }

        Assert.Empty(unexpected);
        Assert.True(routes.Count >= 17);
    }

    [Fact]
    public async Task No_route_with_a_scope_opens_without_a_good_key()
    {
        var expired = await _service.KeyAsync([.. ApiScopes.All], life: TimeSpan.FromTicks(1));
        var revoked = await _service.KeyAsync([.. ApiScopes.All]);
        var keys = await _service.Installation.Keys.ListAsync(CancellationToken.None);
        await _service.Installation.Keys.RevokeAsync(keys[^1].Id, Actor.Palisade, CancellationToken.None);
        var elsewhere = await _service.KeyAsync([.. ApiScopes.All], networks: ["192.0.2.0/24"]);
        var unexpected = new List<string>();

        foreach (var (secret, problem) in new[]
                 {
                     (null, Problem.KeyMissing), ("pal_1_nonsense", Problem.KeyNotValid), ("", Problem.KeyNotValid),
                     (expired, Problem.KeyNotValid), (revoked, Problem.KeyNotValid), (elsewhere, Problem.NetworkNotAllowed),
                 })
        {
            using var client = _service.ClientOf(secret is { Length: 0 } ? "x" : secret);
            foreach (var route in Routes().Where(route => route.Access is RouteAccess.WithScope))
            {
                using var response = await client.SendAsync(route.Request());
                if (!await IsProblemAsync(response, problem) || (int)response.StatusCode != problem.Status)
                {
                    unexpected.Add($"{problem.Word} on {route.Name}: {(int)response.StatusCode}");
                }
            }
        }

        Assert.Empty(unexpected);
    }

    [Fact]
    public async Task A_key_may_also_come_in_its_own_header()
    {
        using var client = _service.ClientOf(null);
        client.DefaultRequestHeaders.Add("X-Api-Key", await _service.KeyAsync([ApiScopes.BanksRead]));

        await client.GetAsync("/v1/banks").JsonAsync();
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.9.9.9", false)]
    public async Task A_callers_network_is_believed_from_the_named_proxy_alone(string proxy, bool isBelieved)
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Listen = options.Listen with { TrustedProxy = proxy },
        });
        using var client = service.ClientOf(await service.KeyAsync([ApiScopes.BanksRead], networks: ["192.0.2.0/24"]));
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.7");

        var call = client.GetAsync("/v1/banks");

        if (isBelieved)
        {
            await call.JsonAsync();
        }
        else
        {
            Assert.Same(Problem.NetworkNotAllowed, await call.ProblemAsync());
        }
    }

    [Fact]
    public void A_route_that_does_not_state_its_access_stops_the_service_from_being_built()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/forgotten", () => "");

        Assert.Throws<InvalidOperationException>(app.CheckThatEachRouteStatesItsAccess);
    }

    private sealed record Route(string Method, string Pattern, RouteAccess Access)
    {
        public string Name => $"{Method} {Pattern}";

        public HttpRequestMessage Request()
        {
            var path = Pattern.Replace("{bank}", "nowhere", StringComparison.Ordinal).Replace("{id}", "1", StringComparison.Ordinal);
            return new HttpRequestMessage(new HttpMethod(Method), new Uri(path, UriKind.Relative))
            {
                Content = Method is "GET" or "DELETE" ? null : new StringContent("{}", Encoding.UTF8, "application/json"),
            };
        }
    }

    private List<Route> Routes() =>
    [
        .. from endpoint in _service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           from method in methods
           select new Route(
               method,
               "/" + endpoint.RoutePattern.RawText!.TrimStart('/'),
               Assert.Single(endpoint.Metadata.OfType<RouteAccess>())),
    ];

    private static async Task<bool> IsProblemAsync(HttpResponseMessage response, Problem problem)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        return problem.Body.Span.SequenceEqual(body);
    }
}
