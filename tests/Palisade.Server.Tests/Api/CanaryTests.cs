using System.Net.Http.Json;
using System.Text;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Server.Tests.Api;

/// <summary>T17.1 and, for one folder, T6.1: a secret in every input, every form of it looked for wherever things come out.</summary>
public sealed class CanaryTests : IAsyncLifetime
{
    private const string Canary = "canary8f31c0d2";

    private static readonly Actor Anna = Actor.CommandLine("anna");

    private RunningService _service = null!;
    private string _secret = null!;
    private HttpClient _client = null!;
    private byte[] _file = null!;
    private FileDigests _digests;
    private PdqHash _hash;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _secret = await _service.KeyAsync([.. ApiScopes.All]);
        _client = _service.ClientOf(_secret);
        _file = WithComment(await _service.EncodeAsync(Drawing.Of(3)), Canary + " in the picture");
        _digests = DigestCalculator.Compute(_file);
        _hash = (await _service.FingerprintAsync(_file)).Full.Hash;
        var bank = await _service.BankAsync("ours");
        await _service.AddAsync(bank, new SignalValue(_hash));
        await _service.AddAsync(bank, new SignalValue(_digests.Sha256));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_secret_reaches_the_log_at_its_most_verbose_the_metrics_or_the_disk()
    {
        await UseEveryInputAsync();
        await OpenTheEvidenceAsync();

        var log = _service.Lines.Text;
        Assert.True(log.Length > 1000);
        Assert.Empty(FoundIn(log));
        var metrics = await _client.GetStringAsync("/metrics");
        Assert.Empty(FoundIn(metrics));
        var files = Directory.GetFiles(_service.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) != ".sock").ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Empty(FoundIn(Contents(file))));
    }

    [Fact]
    public async Task Nothing_secret_comes_back_in_a_refusal()
    {
        // ProblemAsync holds each body against the fixed list.
        await _client.PostAsync("/v1/scan", RunningService.Form(_file, service: Canary)).ProblemAsync();
        await _client.PostAsync("/v1/scan", new StringContent(Canary, Encoding.UTF8, "text/plain")).ProblemAsync();
        await _client.PostAsync("/v1/scan", new MultipartFormDataContent { { new StringContent(Canary), Canary } }).ProblemAsync();
        await _client.PostAsync("/v1/lookup", new StringContent("{\"" + Canary + "\":", Encoding.UTF8, "application/json")).ProblemAsync();
        await _client.PostAsJsonAsync("/v1/lookup", new { service = "avatars", items = new[] { new { md5 = Canary } } }).ProblemAsync();
        await _client.PostAsJsonAsync("/v1/banks/ours/signals", new { type = "md5", value = Canary }).ProblemAsync();
        await _client.PostAsJsonAsync("/v1/banks/ours/signals", new { url = "https://" + Canary + ".example/" }).ProblemAsync();
        await _client.PostAsJsonAsync("/v1/banks", new { name = Canary + " !", purpose = Canary }).ProblemAsync();
        await _client.PostAsJsonAsync("/v1/keys", new { label = Canary, scopes = new[] { Canary } }).ProblemAsync();
        using var stranger = _service.ClientOf(Canary + "-wrong-key");
        await stranger.GetAsync("/v1/banks").ProblemAsync();

        var log = _service.Lines.Text;
        Assert.Empty(FoundIn(log));
    }

    private async Task UseEveryInputAsync()
    {
        var form = RunningService.Form(_file, contentId: Canary + "-content", uploaderToken: Canary + "-uploader");
        form.Add(new StringContent(Canary + ".jpg"), "fileName");
        form.Add(new StringContent("""[{"event":"upload","address":"203.0.113.77","port":4711}]"""), "network");
        form.Add(new StringContent("""[{"kind":"message","text":"CANARY in a message"}]""".Replace("CANARY", Canary, StringComparison.Ordinal)), "context");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/scan") { Content = form };
        request.Headers.Add("Idempotency-Key", Canary + "-key");
        var answer = await _client.SendAsync(request).JsonAsync();
        Assert.Equal("block", answer.Verdict());
        await _client.GetAsync($"/v1/scans/{answer.Word("id")}").JsonAsync();
        await _client.GetAsync("/v1/verdicts").JsonAsync();
        var item = new { pdq = _hash.ToString(), md5 = _digests.Md5.ToString(), contentId = Canary };
        await _client.PostAsJsonAsync("/v1/lookup", new { service = "avatars", items = new[] { item } }).JsonAsync();
        using var flag = new MultipartFormDataContent
        {
            { new StringContent("avatars"), "service" }, { new StringContent(Canary + " complaint"), "text" },
            { new StringContent(Canary + "-reporter"), "reporterToken" }, { new StringContent("https://example.org/" + Canary), "reference" },
        };
        var flagged = await _client.PostAsync("/v1/cases", flag).JsonAsync(System.Net.HttpStatusCode.Created);
        await _client.PostAsJsonAsync($"/v1/cases/{flagged.Word("case")}/notes", new { text = Canary + " note" })
            .JsonAsync(System.Net.HttpStatusCode.Created);
        await _client.GetAsync($"/v1/cases/{flagged.Word("case")}").JsonAsync();
    }

    private async Task OpenTheEvidenceAsync()
    {
        using var wrong = OperatorSecret.UnsafeDevelopmentFile(Encoding.UTF8.GetBytes(Canary + " operator"));
        Assert.NotNull(await _service.Installation.Sealing.UnsealAsync(wrong, Anna, "for a test", CancellationToken.None));
        using var secret = TestKeys.NewSecret();
        Assert.Null(await _service.Installation.Sealing.UnsealAsync(secret, Anna, "for a test", CancellationToken.None));
        var cases = await _service.Installation.Cases.ListAsync(new CaseQuery(), CancellationToken.None);
        foreach (var one in cases)
        {
            var view = await _client.GetAsync($"/v1/cases/{one.Id}").JsonAsync();
            foreach (var upload in view.GetProperty("uploads").EnumerateArray().Where(upload => upload.TryGetProperty("evidence", out _)))
            {
                Assert.True(EvidenceId.TryParse(upload.Word("evidence"), out var evidence));
                await _service.Installation.Evidence.OpenAsync(evidence, Stream.Null, Anna, "for a test", CancellationToken.None);
                await _service.Installation.Evidence.FactsAsync(evidence, Anna, "for a test", CancellationToken.None);
            }
        }
    }

    private static byte[] Contents(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private List<string> FoundIn(string text) => [.. Secrets().Where(secret => text.Contains(secret, StringComparison.OrdinalIgnoreCase))];

    private List<string> FoundIn(byte[] contents)
    {
        byte[][] raw = [_digests.Md5.ToBytes(), _digests.Sha1.ToBytes(), _digests.Sha256.ToBytes(), _hash.ToBytes(), _file];
        return
        [
            .. Secrets().Where(secret => contents.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0),
            .. raw.Where(bytes => contents.AsSpan().IndexOf(bytes) >= 0).Select(Convert.ToHexString),
        ];
    }

    /// <summary>What must not be seen, in the forms in which programs write things.</summary>
    private IEnumerable<string> Secrets()
    {
        var canary = Encoding.UTF8.GetBytes(Canary);
        yield return Canary;
        yield return Convert.ToHexStringLower(canary);
        foreach (var shift in new[] { 0, 1, 2 })
        {
            // As base64 says it when so many bytes stand before it, without the characters that its neighbours share.
            yield return Convert.ToBase64String([.. new byte[shift], .. canary])[(shift == 0 ? 0 : 4)..^4];
        }

        yield return _secret;
        yield return _secret[^20..];
        yield return "203.0.113.77";
        foreach (var (text, bytes) in new[]
                 {
                     (_digests.Md5.ToString(), _digests.Md5.ToBytes()), (_digests.Sha1.ToString(), _digests.Sha1.ToBytes()),
                     (_digests.Sha256.ToString(), _digests.Sha256.ToBytes()), (_hash.ToString(), _hash.ToBytes()),
                 })
        {
            yield return text;
            yield return Convert.ToBase64String(bytes).TrimEnd('=');
        }
    }

    /// <summary>A JPEG with a comment in it, which no reader of pictures minds.</summary>
    private static byte[] WithComment(byte[] jpeg, string words)
    {
        var text = Encoding.UTF8.GetBytes(words);
        return [.. jpeg.AsSpan(0, 2), 0xFF, 0xFE, 0, (byte)(text.Length + 2), .. text, .. jpeg.AsSpan(2)];
    }
}
