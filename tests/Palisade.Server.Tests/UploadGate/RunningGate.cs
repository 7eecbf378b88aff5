using System.Net.Http.Headers;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using UploadGate;

namespace Palisade.Server.Tests.UploadGate;

/// <summary>What an outsider can see of one answer, the request's own id put out of sight.</summary>
internal sealed record Seen(int Status, string Headers, int Length, string Body);

/// <summary>The sample on a real port and a folder of its own.</summary>
internal sealed class RunningGate : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly HttpClient _http = new();

    private RunningGate(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
    }

    public UploadFolder Uploads => _app.Services.GetRequiredService<UploadFolder>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<RunningGate> StartAsync(
        Uri palisade, string key = "pal_test", Func<GateOptions, GateOptions>? change = null, string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("palisade-gate-").FullName;
        var options = new GateOptions { Folder = folder, PalisadeAddress = palisade, PalisadeKey = key };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "http://127.0.0.1:0");
        var gate = new RunningGate(Gate.Build(builder, change?.Invoke(options) ?? options, new HurriedClock()), folder);
        await gate._app.StartAsync(Stop);
        gate._http.BaseAddress = new Uri(gate._app.Urls.Single());

        // Else a body that is refused by its stated length is still being sent when the connection ends.
        gate._http.DefaultRequestHeaders.ExpectContinue = true;
        return gate;
    }

    public static MultipartFormDataContent FormOf(byte[] picture) => new("0123456789abcdef")
    {
        { new ByteArrayContent(picture) { Headers = { ContentType = new MediaTypeHeaderValue("image/jpeg") } }, "file", "picture.jpg" },
    };

    public Task<(Seen Seen, string Id)> UploadAsync(byte[] picture) => UploadAsync(FormOf(picture));

    public async Task<(Seen Seen, string Id)> UploadAsync(HttpContent form)
    {
        using var response = await _http.PostAsync("/upload", form, Stop);
        return await LookAsync(response);
    }

    public async Task<Seen> ShowAsync(string id)
    {
        using var response = await _http.GetAsync($"/files/{id}", Stop);
        return (await LookAsync(response)).Seen;
    }

    public Task<byte[]> DownloadAsync(string id) => _http.GetByteArrayAsync($"/files/{id}", Stop);

    /// <summary>Waits until an upload stands where it should.</summary>
    public async Task UntilAsync(string id, Standing standing)
    {
        var moves = Channel.CreateUnbounded<bool>();
        using var watcher = new FileSystemWatcher(_folder) { IncludeSubdirectories = true };
        watcher.Created += (_, _) => moves.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => moves.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        while (Uploads.Find(id) != standing)
        {
            await moves.Reader.ReadAsync(Stop);
        }
    }

    /// <summary>Stops it and leaves its folder, as a restart would.</summary>
    public async Task<string> StopAsync()
    {
        _http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        return _folder;
    }

    public async ValueTask DisposeAsync() => Directory.Delete(await StopAsync(), recursive: true);

    private static async Task<(Seen Seen, string Id)> LookAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Stop);
        var id = body.Contains("\"id\":\"", StringComparison.Ordinal) ? body.Split('"')[3] : "";
        var headers = response.Headers.Concat(response.Content.Headers)
            .Select(header => header.Key == "Date" ? "Date" : $"{header.Key}: {string.Join(", ", header.Value)}")
            .Order(StringComparer.Ordinal);
        var shown = id.Length > 0 ? body.Replace(id, "(id)", StringComparison.Ordinal) : body;
        return (new((int)response.StatusCode, string.Join('\n', headers), body.Length, shown), id);
    }
}
