using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Palisade.Server.Bench;

/// <summary>One upload of the load, and the verdict that it must get.</summary>
public sealed record LoadPicture(byte[] Bytes, string Expected);

/// <summary>What a spell of load gave.</summary>
/// <param name="Wrong">Answers that were no verdict, or another one than expected.</param>
/// <param name="LatenciesMs">In ascending order.</param>
public sealed record LoadResult(int Scans, int Wrong, TimeSpan Took, double[] LatenciesMs)
{
    /// <summary>The latency under which this share of the answers stayed.</summary>
    public double PercentileMs(double share) =>
        LatenciesMs.Length == 0 ? double.NaN : LatenciesMs[Math.Min(LatenciesMs.Length - 1, (int)(share * LatenciesMs.Length))];
}

/// <summary>Uploads pictures over HTTP from several clients at once.</summary>
public sealed class ScanLoad : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly string _service;
    private readonly IReadOnlyList<LoadPicture> _pictures;

    public ScanLoad(Uri address, string key, string service, IReadOnlyList<LoadPicture> pictures, TimeProvider clock)
    {
        _http = new HttpClient { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _service = service;
        _pictures = pictures;
        _clock = clock;
    }

    /// <param name="rate">
    /// Uploads a second, sent on schedule whether or not earlier ones are answered, with latency counted from the schedule;
    /// 0 lets each client send its next upload when the last is answered.
    /// </param>
    public async Task<LoadResult> RunAsync(int clients, double rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        var latencies = new ConcurrentBag<double>();
        var wrong = 0;
        var next = -1;
        var begun = _clock.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, cancellationToken)));

        var took = _clock.GetElapsedTime(begun);
        var sorted = latencies.ToArray();
        Array.Sort(sorted);
        return new LoadResult(sorted.Length, wrong, took, sorted);

        async Task ClientAsync()
        {
            while (true)
            {
                var number = Interlocked.Increment(ref next);
                var due = rate > 0 ? TimeSpan.FromSeconds(number / rate) : _clock.GetElapsedTime(begun);
                if (due >= duration)
                {
                    return;
                }

                if (due - _clock.GetElapsedTime(begun) is var wait && wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _clock, cancellationToken);
                }

                if (!await UploadAsync(_pictures[number % _pictures.Count], cancellationToken))
                {
                    Interlocked.Increment(ref wrong);
                }

                latencies.Add((_clock.GetElapsedTime(begun) - due).TotalMilliseconds);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> UploadAsync(LoadPicture picture, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(_service), "service" },
            { new ByteArrayContent(picture.Bytes), "file", "upload.jpg" },
        };
        using var response = await _http.PostAsync(new Uri("/v1/scan", UriKind.Relative), form, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return false;
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var answer = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return answer.RootElement.GetProperty("verdict").GetString() == picture.Expected;
    }
}
