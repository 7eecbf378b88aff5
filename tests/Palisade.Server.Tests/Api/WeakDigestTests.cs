using Palisade.Banks;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Signals.Digests;

namespace Palisade.Server.Tests.Api;

/// <summary>MD5 and SHA-1 of an upload are computed for those who need them. Counted, not timed.</summary>
public sealed class WeakDigestTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;
    private byte[] _file = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail, ApiScopes.ScansRead);
        _file = await _service.EncodeAsync(Drawing.Of(1));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_clean_upload_s_are_not_computed_while_no_bank_lists_any()
    {
        await _service.AddAsync(
            await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute([1, 2, 3]).Sha256));

        Assert.Equal("allow", await ScanAsync());
        Assert.Equal("allow", await ScanAsync(idempotencyKey: "again"));

        Assert.Equal(0, _service.Installation.Scanner.FullyDigestedUploads);
    }

    [Theory]
    [InlineData(DigestType.Md5)]
    [InlineData(DigestType.Sha1)]
    public async Task A_bank_that_lists_one_finds_it_from_the_moment_it_is_added(DigestType type)
    {
        var bank = await _service.BankAsync("practice");
        var before = await ScanAsync();
        var digests = DigestCalculator.Compute(_file);

        await _service.AddAsync(bank, new SignalValue(type == DigestType.Md5 ? digests.Md5 : digests.Sha1));

        Assert.Equal("allow", before);
        Assert.Equal("hold", await ScanAsync());
        Assert.Equal(1, _service.Installation.Scanner.FullyDigestedUploads);
    }

    [Fact]
    public async Task A_list_that_was_there_at_the_start_is_asked()
    {
        await _service.AddAsync(
            await _service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(_file).Md5));
        await _service.StopAsync();
        await using var again = await RunningService.StartAsync(folder: _service.Folder);
        using var client = await again.ClientAsync(ApiScopes.Scan);
        using var form = RunningService.Form(_file);

        Assert.Equal("hold", (await client.PostAsync("/v1/scan", form).JsonAsync()).Verdict());

        // The service of the other tests ended here already; the folder goes with the new one.
        _service = await RunningService.StartAsync();
    }

    [Fact]
    public async Task What_is_kept_has_all_three_in_its_record()
    {
        var digests = DigestCalculator.Compute(_file);
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(digests.Sha256));
        using var form = RunningService.Form(_file);
        var answer = await _client.PostAsync("/v1/scan", form).JsonAsync();

        Assert.True(ScanId.TryParse(answer.Word("id"), out var id));
        var kept = (await _service.Installation.Scanner.Records.FindAsync(id, CancellationToken.None))!.Record.Facts.Digests;

        Assert.Equal(digests.Md5.ToString(), kept["md5"]);
        Assert.Equal(digests.Sha1.ToString(), kept["sha1"]);
        Assert.Equal(digests.Sha256.ToString(), kept["sha256"]);
        Assert.Equal(1, _service.Installation.Scanner.FullyDigestedUploads);
    }

    private async Task<string> ScanAsync(string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/scan") { Content = RunningService.Form(_file) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return (await _client.SendAsync(request).JsonAsync()).Verdict();
    }
}
