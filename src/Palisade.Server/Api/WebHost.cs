using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Palisade.Server.Control;
using Palisade.Server.Options;
using KestrelListenOptions = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;
using ListenOptions = Palisade.Server.Options.ListenOptions;

namespace Palisade.Server.Api;

/// <summary>Builds the web service over one opened installation, for <c>serve</c>, the demo and tests alike.</summary>
public static class WebHost
{
    /// <summary>Bodies that are no uploads: 1,000 look-ups with every field at its longest fit.</summary>
    private const long MaxJsonBytes = 2 << 20;

    /// <param name="installation">Its scanning must have been prepared. It stays the caller's to dispose.</param>
    /// <param name="logging">Where log lines go; nowhere unless given.</param>
    public static WebApplication Build(Installation installation, Action<ILoggingBuilder>? logging = null)
    {
        // Empty: no configuration file, no environment, no default address. What counts are the options.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(WebHost).Assembly.GetName().Name,
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, installation.Options));
        if (ListenOptions.IsHttps(installation.Options.Listen.Url))
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        logging?.Invoke(builder.Logging);
        AddServices(builder.Services, installation);

        var app = builder.Build();
        AddMiddleware(app, installation.Options);
        AddRoutes(app);
        app.CheckThatEachRouteStatesItsAccess();
        return app;
    }

    private static void AddServices(IServiceCollection services, Installation installation)
    {
        var options = installation.Options;
        services.AddRoutingCore();
        services.AddSingleton(installation);
        services.AddSingleton(options);
        services.AddSingleton(options.Limits);
        services.AddSingleton(options.Listen);
        services.AddSingleton(options.Review);
        services.AddSingleton(installation.Clock);
        services.AddSingleton<RetryAdvice>();
        services.AddSingleton<UploadAdmission>();
        services.AddSingleton<ServiceMetrics>();
        services.AddSingleton<FailedAccess>();
        services.AddSingleton<MetricsListener>();
        services.AddHostedService<Upkeep>();
        services.AddHostedService<ControlSocket>();
        services.AddSingleton<CaseClock>();
        services.AddHostedService(provider => provider.GetRequiredService<CaseClock>());
        services.AddSingleton<IMemoryPoolFactory<byte>, WideReads>();

        // As instances: what the container did not make it does not dispose.
        services.AddSingleton(installation.Scanner);
        services.AddSingleton(installation.Decoder);
        services.AddSingleton(installation.Policy);
        services.AddSingleton(installation.Banks);
        services.AddSingleton(installation.Index);
        services.AddSingleton(installation.Keys);
        services.AddSingleton(installation.Cases);
        services.AddSingleton(installation.Reports);
        services.AddHostedService<ReportClock>();
        services.AddSingleton(installation.Audit);
        services.AddSingleton(installation.Sequencer);
        services.AddSingleton(installation.Store);
        services.AddSingleton(installation.Fetch);

        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", ApiDescription.Configure);
    }

    private static void AddMiddleware(WebApplication app, PalisadeOptions options)
    {
        app.UseMiddleware<LastResort>();
        if (options.Listen.TrustedProxy is { } proxy)
        {
            app.Use((context, next) =>
            {
                context.Features.Set(new Peer(context.Connection.RemoteIpAddress));
                return next(context);
            });
            // The framework believes this machine by default; only the proxy that was named is believed here.
            var forwarding = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = 1 };
            forwarding.KnownIPNetworks.Clear();
            forwarding.KnownProxies.Clear();
            forwarding.KnownProxies.Add(IPAddress.Parse(proxy));
            app.UseForwardedHeaders(forwarding);
        }

        var metrics = app.Services.GetRequiredService<MetricsListener>();
        app.Use((context, next) => metrics.Hides(context) ? Problem.NoSuchRoute.ExecuteAsync(context) : next(context));
        app.Use(DocsRoutes.AddContentPolicy);
        app.UseRouting();
        app.UseMiddleware<Gatekeeper>();
        app.Lifetime.ApplicationStarted.Register(() => metrics.Port = PortOfMetrics(app, options.Listen));
    }

    private static void AddRoutes(WebApplication app)
    {
        ScanRoutes.Map(app);
        LookupRoutes.Map(app);
        VerdictRoutes.Map(app);
        CaseRoutes.Map(app);
        ReportRoutes.Map(app);
        EvidenceRoutes.Map(app);
        BankRoutes.Map(app);
        SignalRoutes.Map(app);
        KeyRoutes.Map(app);
        AuditRoutes.Map(app);
        HealthRoutes.Map(app);
        DocsRoutes.Map(app);
    }

    private static void Configure(KestrelServerOptions kestrel, PalisadeOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxJsonBytes;
        kestrel.Limits.MaxConcurrentConnections = 4096;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);

        // Slower than a modem for five seconds is nobody we wait for.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));

        var main = ListenOptions.EndPoint(options.Listen.Url)!;
        kestrel.Listen(main, listener =>
        {
            if (ListenOptions.IsHttps(options.Listen.Url))
            {
                listener.UseHttps(https => ServerCertificate.AddTo(https, options.Listen));
            }
        });
        if (options.Listen.MetricsUrl is { } metrics)
        {
            kestrel.Listen(ListenOptions.EndPoint(metrics)!, static (KestrelListenOptions _) => { });
        }
    }

    private static int? PortOfMetrics(WebApplication app, ListenOptions listen) => listen.MetricsUrl is null
        ? null
        : app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Select(address => new Uri(address).Port).Last();
}
