using Palisade.Client;

namespace UploadGate;

/// <summary>A small file host that shows nothing before Palisade has cleared it.</summary>
public static class Gate
{
    public static async Task<int> Main(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        WebApplication app;
        try
        {
            app = Build(builder, GateOptions.FromEnvironment(builder.Configuration), TimeProvider.System);
        }
        catch (GateOptionsException missing)
        {
            await Console.Error.WriteLineAsync($"UploadGate: {missing.Message}");
            return 2;
        }

        await app.RunAsync();
        return 0;
    }

    public static WebApplication Build(WebApplicationBuilder builder, GateOptions options, TimeProvider clock)
    {
        // A body far over the limit is cut off by the server; the margin is for the form around the file.
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = options.MaxUploadBytes + (64 << 10));

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(new UploadFolder(options.Folder));
        builder.Services.AddSingleton(new PalisadeClient(
            new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, // the client has its own
            new PalisadeClientOptions { Address = options.PalisadeAddress, ApiKey = options.PalisadeKey },
            clock));
        builder.Services.AddSingleton(services => new HeldUploads(services.GetRequiredService<PalisadeClient>()));
        builder.Services.AddSingleton<Checking>();
        builder.Services.AddSingleton<Receiving>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Checking>());
        builder.Services.AddHostedService<Publishing>();
        builder.Services.AddHostedService<Following>();

        var app = builder.Build();
        app.MapPost("/upload", (HttpRequest request, Receiving receiving, CancellationToken cancellationToken) =>
            receiving.ReceiveAsync(request, cancellationToken));
        app.MapGet("/files/{id}", (string id, HttpResponse response, UploadFolder folder) => Show(id, response, folder));
        return app;
    }

    private static IResult Show(string id, HttpResponse response, UploadFolder folder)
    {
        if (!UploadFolder.IsId(id) || !File.Exists(folder.PathOf(id, Standing.Published)))
        {
            return Answers.NotHere;
        }

        // A stranger's bytes: nothing may be guessed from them and nothing in them may run.
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return Results.File(folder.PathOf(id, Standing.Published), "application/octet-stream");
    }
}
