using System.Net.Http.Headers;
using System.Text;
using Palisade.Keys;
using Palisade.Server.Api;

namespace Palisade.Server.Tests.Api;

public sealed class BadInputTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail, ApiScopes.VerdictsRead, ApiScopes.BanksWrite);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task An_empty_file_is_undecodable_and_held()
    {
        var answer = await _client.PostAsync("/v1/scan", RunningService.Form([])).JsonAsync();

        Assert.Equal("hold", answer.Verdict());
        Assert.Equal(["undecodable:empty"], answer.Reasons());
    }

    [Fact]
    public async Task Text_that_is_named_like_a_picture_is_refused_by_the_decoder_and_held()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("avatars"), "service" },
            { new ByteArrayContent("These are words."u8.ToArray()), "file", "holiday.jpg" },
        };

        var answer = await _client.PostAsync("/v1/scan", form).JsonAsync();

        Assert.Equal("hold", answer.Verdict());
        Assert.Equal(["refused"], answer.Reasons());
    }

    [Fact]
    public async Task A_cut_picture_is_never_clean_and_its_digest_still_matches()
    {
        var cut = (await _service.EncodeAsync(Drawing.Of(1), "png"))[..2000];
        var before = await _client.PostAsync("/v1/scan", RunningService.Form(cut)).JsonAsync();
        await _service.AddAsync(
            await _service.BankAsync("practice"),
            new Banks.SignalValue(Signals.Digests.DigestCalculator.Compute(cut).Sha256));

        var after = await _client.PostAsync("/v1/scan", RunningService.Form(cut)).JsonAsync();

        Assert.Equal("hold", before.Verdict());
        Assert.Equal(["undecodable:corrupt"], before.Reasons());
        Assert.Equal("block", after.Verdict());
        Assert.Equal(["match-exact", "undecodable:corrupt"], after.Reasons());
    }

    [Theory]
    [InlineData("jpeg")]
    [InlineData("png")]
    [InlineData("webp")]
    [InlineData("gif")]
    [InlineData("tiff")]
    [InlineData("avif")]
    public async Task Cut_and_flipped_files_of_each_form_get_a_verdict_and_the_service_goes_on(string format)
    {
        var whole = await _service.EncodeAsync(Drawing.Of(5), format);
        var cut = await _client.PostAsync("/v1/scan", RunningService.Form(whole[..(whole.Length / 2)])).JsonAsync();
        var random = new Random(17);
        for (var turn = 0; turn < 20; turn++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
            var answer = await _client.PostAsync("/v1/scan", RunningService.Form(flipped)).JsonAsync();
            Assert.NotEqual("block", answer.Verdict());
        }

        Assert.Equal(("hold", "undecodable:corrupt"), (cut.Verdict(), Assert.Single(cut.Reasons())));
        Assert.Equal("allow", (await _client.PostAsync("/v1/scan", RunningService.Form(whole)).JsonAsync()).Verdict());
    }

    [Theory]
    [InlineData("control")]
    [InlineData("long")]
    [InlineData("path")]
    public async Task Whatever_a_file_is_called_it_is_scanned(string kind)
    {
        var name = kind switch
        {
            "control" => "a\u0001\u007f\u200e.jpg",
            "long" => string.Concat(Enumerable.Repeat("界", 4096)) + ".jpg",
            _ => "../../../etc/passwd",
        };
        var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes(
            "--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\navatars\r\n" +
            $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"));
        body.Write(await _service.EncodeAsync(Drawing.Of(2)));
        body.Write("\r\n--b--\r\n"u8);

        var answer = await _client.PostAsync("/v1/scan", Multipart(body.ToArray())).JsonAsync();

        Assert.Equal("allow", answer.Verdict());
    }

    [Theory]
    [InlineData("", "multipart-not-valid")]
    [InlineData("--b--\r\n", "file-missing")]
    [InlineData("no boundary anywhere", "multipart-not-valid")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nbytes without an end", "multipart-not-valid")]
    [InlineData("--b\r\nno colon\r\n\r\nx\r\n--b--\r\n", "multipart-not-valid")]
    [InlineData("--b\r\nContent-Disposition: attachment; name=\"file\"\r\n\r\nx\r\n--b--\r\n", "multipart-not-valid")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\navatars\r\n--b--\r\n", "file-missing")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nx\r\n--b--\r\n", "service-missing")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"colour\"\r\n\r\nx\r\n--b--\r\n", "field-unknown")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\na\u0001\r\n--b--\r\n", "field-not-valid")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\na\r\n--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\na\r\n--b--\r\n", "multipart-not-valid")]
    public async Task A_multipart_body_that_is_wrong_is_refused(string body, string problem) =>
        Assert.Equal(problem, (await _client.PostAsync("/v1/scan", Multipart(Encoding.UTF8.GetBytes(body))).ProblemAsync()).Word);

    [Theory]
    [InlineData("contentId", "4 KB")]
    [InlineData("uploaderToken", "line\nbreak")]
    [InlineData("time", "yesterday")]
    [InlineData("time", "2027-01-01T00:00:00")]
    public async Task A_field_that_is_wrong_is_refused(string name, string value)
    {
        using var form = RunningService.Form([1]);
        form.Add(new StringContent(value == "4 KB" ? new string('界', 4096) : value), name);

        Assert.Equal("field-not-valid", (await _client.PostAsync("/v1/scan", form).ProblemAsync()).Word);
    }

    [Fact]
    public async Task A_service_that_the_policy_does_not_name_is_refused_and_not_clean() =>
        Assert.Equal("service-unknown", (await _client.PostAsync("/v1/scan", RunningService.Form([1], "billboards")).ProblemAsync()).Word);

    [Fact]
    public async Task A_body_that_is_no_form_is_refused() => Assert.Equal(
        "type-not-supported",
        (await _client.PostAsync("/v1/scan", new StringContent("{}", Encoding.UTF8, "application/json")).ProblemAsync()).Word);

    [Theory]
    [InlineData("{", "json-not-valid")]
    [InlineData("null", "json-not-valid")]
    [InlineData("""{"service":"avatars"}""", "json-not-valid")]
    [InlineData("""{"service":"avatars","items":null}""", "json-not-valid")]
    [InlineData("""{"service":"avatars","items":[],"colour":"red"}""", "json-not-valid")]
    [InlineData("""{"service":"avatars","items":[]}""", "batch-too-large")]
    [InlineData("""{"service":"avatars","items":[{}]}""", "hash-not-valid")]
    [InlineData("""{"service":"avatars","items":[{"pdq":"12"}]}""", "hash-not-valid")]
    [InlineData("""{"service":"avatars","items":[{"md5":"zz34567890123456789012345678901234"}]}""", "hash-not-valid")]
    [InlineData("""{"service":"billboards","items":[{"md5":"00000000000000000000000000000000"}]}""", "service-unknown")]
    public async Task A_look_up_that_is_wrong_is_refused(string json, string problem) => Assert.Equal(
        problem, (await _client.PostAsync("/v1/lookup", new StringContent(json, Encoding.UTF8, "application/json")).ProblemAsync()).Word);

    [Theory]
    [InlineData(1000, null)]
    [InlineData(1001, "batch-too-large")]
    public async Task A_look_up_takes_a_thousand_items_and_no_more(int count, string? problem)
    {
        var items = string.Join(',', Enumerable.Repeat("""{"md5":"00000000000000000000000000000000"}""", count));
        var call = _client.PostAsync(
            "/v1/lookup", new StringContent($$"""{"service":"avatars","items":[{{items}}]}""", Encoding.UTF8, "application/json"));

        if (problem is null)
        {
            Assert.Equal(count, (await call.JsonAsync()).GetProperty("answers").GetArrayLength());
        }
        else
        {
            Assert.Equal(problem, (await call.ProblemAsync()).Word);
        }
    }

    [Theory]
    [InlineData("/v1/verdicts?after=-1", "page-not-valid")]
    [InlineData("/v1/verdicts?after=x", "page-not-valid")]
    [InlineData("/v1/verdicts?limit=0", "page-not-valid")]
    [InlineData("/v1/verdicts?limit=1001", "page-not-valid")]
    [InlineData("/v1/verdicts?wait=31", "page-not-valid")]
    [InlineData("/v2/anything", "no-such-route")]
    [InlineData("/v1/scan", "method-not-allowed")]
    public async Task An_address_that_is_wrong_is_refused(string address, string problem) =>
        Assert.Equal(problem, (await _client.GetAsync(address).ProblemAsync()).Word);

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("256")]
    public async Task An_idempotency_key_that_is_wrong_is_refused(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/scan") { Content = RunningService.Form([1]) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key == "256" ? new string('k', 256) : key);

        Assert.Equal("idempotency-key-not-valid", (await _client.SendAsync(request).ProblemAsync()).Word);
    }

    private static ByteArrayContent Multipart(byte[] body) => new(body)
    {
        Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b") },
    };
}
