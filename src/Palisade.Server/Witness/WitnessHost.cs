using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Palisade.Audit.Witnessing;
using Palisade.Server.Api;
using ListenOptions = Palisade.Server.Options.ListenOptions;

namespace Palisade.Server.Witness;

/// <summary>
/// A small web service that cosigns other deployments' checkpoints: C2SP tlog-witness, <c>add-checkpoint</c> and the last
/// cosigned checkpoint of each log. It knows no caller; what counts is the signature on a checkpoint.
/// </summary>
internal static class WitnessHost
{
    /// <summary>63 lines of proof, and a note with some signatures.</summary>
    private const int MaxRequestBytes = 32 * 1024;

    /// <param name="url">http, on an address in numbers; what reaches it from outside should come through TLS.</param>
    public static WebApplication Build(WitnessBook book, string url, Action<ILoggingBuilder>? logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(WitnessHost).Assembly.GetName().Name,
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
            kestrel.Listen(ListenOptions.EndPoint(url)!);
        });
        logging?.Invoke(builder.Logging);
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseRouting();
        app.MapPost("/add-checkpoint", (HttpRequest request, CancellationToken cancellationToken) => AddAsync(request, book, cancellationToken)).IsOpen("the checkpoint's signature says whose it is");
        app.MapGet("/{originHash}/checkpoint", (string originHash) => book.Find(originHash) is { } note
            ? Results.Text(note, "text/plain; charset=utf-8")
            : Results.NotFound()).IsOpen("checkpoints are there to be compared by everybody");
        app.CheckThatEachRouteStatesItsAccess();
        return app;
    }

    private static async Task<IResult> AddAsync(HttpRequest call, WitnessBook book, CancellationToken cancellationToken)
    {
        string request;
        try
        {
            using var reader = new StreamReader(call.Body, new UTF8Encoding(false, throwOnInvalidBytes: true));
            request = await reader.ReadToEndAsync(cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            return Results.Text("The request is not UTF-8.\n", statusCode: StatusCodes.Status400BadRequest);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused)
        {
            return Results.Text("The request is too long or came too slowly.\n", statusCode: refused.StatusCode);
        }

        var answer = book.Add(request);
        return Results.Text(answer.Body, answer.IsSize ? "text/x.tlog.size" : "text/plain; charset=utf-8", Encoding.UTF8, answer.Status);
    }
}
