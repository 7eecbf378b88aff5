using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palisade.Server.Demo;

/// <summary>What the service said of one upload.</summary>
/// <param name="DistanceBits">Of the nearest match; null when nothing matched.</param>
public sealed record DemoVerdict(DemoFile File, string Verdict, int? DistanceBits, string? Orientation, TimeSpan Took)
{
    public bool IsAsExpected => Verdict == File.Expected;
}

/// <summary>Calls the demo's service over HTTP, as a platform would.</summary>
public sealed class DemoCalls : IDisposable
{
    private const string BankName = "practice";

    private readonly HttpClient _http;
    private readonly DemoService _service;

    public DemoCalls(DemoService service)
    {
        _service = service;
        _http = new HttpClient { BaseAddress = service.Address };
    }

    /// <summary>Creates the practice bank and adds the pictures to it.</summary>
    public async Task FillBankAsync(IReadOnlyList<DemoFile> pictures, CancellationToken cancellationToken)
    {
        var settings = new
        {
            name = BankName,
            owner = "demo",
            purpose = "practice",
            allowedAction = "block",
            source = "drawn by the demo",
        };
        await SendAsync("/v1/banks", JsonContent.Create(settings), _service.AdminKey, cancellationToken);
        foreach (var picture in pictures)
        {
            using var form = new MultipartFormDataContent { { await PartOfAsync(picture, cancellationToken), "file", picture.Name } };
            await SendAsync($"/v1/banks/{BankName}/signals", form, _service.AdminKey, cancellationToken);
        }

        // A new signal is live within a second by itself; the demo need not wait for that.
        await _service.Installation.Index.SettleAsync(cancellationToken);
    }

    public async Task<DemoVerdict> UploadAsync(DemoFile file, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(DemoService.ServiceName), "service" },
            { await PartOfAsync(file, cancellationToken), "file", file.Name },
        };
        var begun = Stopwatch.GetTimestamp();
        var answer = await SendAsync("/v1/scan", form, _service.ScanKey, cancellationToken);
        var took = Stopwatch.GetElapsedTime(begun);

        var nearest = answer["matches"]!.AsArray().MinBy(match => (int)match!["distance"]!);
        return new DemoVerdict(
            file, (string)answer["verdict"]!, (int?)nearest?["distance"], (string?)nearest?["orientation"], took);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> SendAsync(
        string path, HttpContent content, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"The service answered {(int)response.StatusCode} to POST {path}: {text}");
        }

        return JsonSerializer.Deserialize<JsonObject>(text)!;
    }

    private static async Task<ByteArrayContent> PartOfAsync(DemoFile file, CancellationToken cancellationToken) =>
        new(await File.ReadAllBytesAsync(file.Path, cancellationToken));
}
