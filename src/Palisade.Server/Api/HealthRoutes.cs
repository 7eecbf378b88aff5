using System.Net;
using Palisade.Scanning;
using Palisade.Server.Options;
using Prometheus;

namespace Palisade.Server.Api;

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
internal static class HealthRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("alive\n")).ExcludeFromDescription()
            .IsOpen("a process supervisor has no key, and it says nothing but that the process answers");
        routes.MapGet("/readyz", (Scanner scanner) => scanner.IsReady ? Results.Text("ready\n") : Problem.NotReady)
            .ExcludeFromDescription()
            .IsOpen("a load balancer has no key, and it says nothing but whether uploads may be sent");
        routes.MapGet("/metrics", WriteMetricsAsync).ExcludeFromDescription()
            .IsOpen("answers on its own listener, or to callers on this machine");
    }

    private static async Task WriteMetricsAsync(HttpContext context, ServiceMetrics metrics, MetricsListener listener)
    {
        if (!listener.Admits(context))
        {
            await Problem.NoSuchRoute.ExecuteAsync(context);
            return;
        }

        context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        await metrics.Registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    }
}

/// <summary>Who may read /metrics: numbers about traffic are for the operator.</summary>
internal sealed class MetricsListener(ListenOptions options)
{
    /// <summary>The port of the listener that is for metrics alone; known once it is bound. Null without one.</summary>
    internal int? Port { get; set; }

    internal bool Admits(HttpContext context) => options.MetricsUrl is not null
        ? context.Connection.LocalPort == Port
        : options.TrustedProxy is null && context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    /// <summary>On the metrics listener there is nothing else.</summary>
    internal bool Hides(HttpContext context) =>
        options.MetricsUrl is not null && context.Connection.LocalPort == Port && context.Request.Path != "/metrics";
}
