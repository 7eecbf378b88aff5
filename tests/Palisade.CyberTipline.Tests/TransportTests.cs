using System.Net;
using System.Security.Cryptography;
using System.Text;
using CyberTipSample;
using Microsoft.Extensions.Time.Testing;
using Palisade.Server.FakeAuthority;
using Palisade.Testing;

namespace Palisade.CyberTipline.Tests;

/// <summary>The client against the rehearsal authority, over real connections.</summary>
public sealed class TransportTests : IAsyncLifetime
{
    private static readonly byte[] Picture = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a harmless file ", 20_000)));

    private readonly FakeTimeProvider _clock = new(TipMaker.Now);
    private FakeCyberTipline _fake = null!;
    private CyberTiplineClient _client = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fake = await FakeCyberTipline.StartAsync(new FakeAuthorityOptions { Clock = _clock }, Stop);
        _client = new CyberTiplineClient(_fake.Endpoint, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _fake.DisposeAsync();
    }

    [Fact]
    public async Task A_report_with_a_described_file_is_filed_with_a_receipt_that_names_the_file()
    {
        var report = await OpenAsync();
        var uploaded = await UploadAsync(report);
        var described = await _client.DescribeAsync(Details(report, uploaded.FileId!), Stop);
        var receipt = await _client.FinishAsync(report, Stop);

        Assert.Equal((AnswerClass.Success, AnswerClass.Success), (described.Class, receipt.Class));
        Assert.Equal([uploaded.FileId!], receipt.FileIds);
        Assert.StartsWith("rehearsal-", receipt.RequestId, StringComparison.Ordinal);
        Assert.Contains("reportDoneResponse", Encoding.UTF8.GetString(receipt.Body.Span), StringComparison.Ordinal);
        var kept = Assert.Single(_fake.Reports);
        Assert.Equal(FakeReportState.Finished, kept.State);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Picture)), Assert.Single(kept.Files).Sha256);
    }

    [Fact]
    public async Task The_example_of_the_readme_files_a_report_and_stands_in_the_readme_word_for_word()
    {
        using var folder = new ScratchFolder();
        await File.WriteAllBytesAsync(folder["picture.png"], Picture, Stop);
        await using var fake = await FakeCyberTipline.StartAsync(new FakeAuthorityOptions(), Stop);
        await using var picture = File.OpenRead(folder["picture.png"]);

        var receipt = await FirstReport.FileAsync(fake.Endpoint, picture, TipMaker.Now.AddYears(-1), Stop);

        Assert.Equal((AnswerClass.Success, TipStep.Finish), (receipt.Class, receipt.Step));
        Assert.Equal(FakeReportState.Finished, Assert.Single(fake.Reports).State);
        var root = Root();
        var readme = await File.ReadAllTextAsync(Path.Combine(root, "src", "Palisade.CyberTipline", "README.md"), Stop);
        var sample = await File.ReadAllLinesAsync(Path.Combine(root, "samples", "cybertip", "FirstReport.cs"), Stop);
        var body = sample.SkipWhile(line => !line.Contains("var tip", StringComparison.Ordinal)).TakeWhile(line => line != "    }").Select(line => line[8..]);
        Assert.Contains(string.Join('\n', body), readme, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("submit:before:500", AnswerClass.Uncertain, 0)]
    [InlineData("submit:during:500", AnswerClass.Uncertain, 0)]
    [InlineData("submit:after:500", AnswerClass.Uncertain, 1)]
    [InlineData("submit:before:401", AnswerClass.Credentials, 0)]
    [InlineData("submit:before:2000", AnswerClass.Credentials, 0)]
    [InlineData("submit:before:3100", AnswerClass.NotAuthorised, 0)]
    [InlineData("submit:before:4100", AnswerClass.NeedsHuman, 0)]
    [InlineData("submit:before:4200", AnswerClass.RebuildOnce, 0)]
    [InlineData("submit:before:1000", AnswerClass.RetryStep, 0)]
    [InlineData("submit:before:9999", AnswerClass.NeedsHuman, 0)]
    [InlineData("submit:before:break", AnswerClass.Uncertain, 0)]
    [InlineData("submit:during:break", AnswerClass.Uncertain, 0)]
    [InlineData("submit:after:break", AnswerClass.Uncertain, 1)]
    [InlineData("submit:after:restart", AnswerClass.Uncertain, 0)]
    public async Task Each_fault_of_submit_is_told_by_its_class_and_leaves_what_it_should(string fault, AnswerClass expected, int opened)
    {
        Fail(fault);

        var answer = await _client.SubmitAsync(CyberTipWriter.Write(DocumentTests.Small()).Bytes, Stop);

        Assert.Equal(expected, answer.Class);
        Assert.Equal(opened, _fake.Reports.Count);
    }

    [Theory]
    [InlineData("upload:before:500", AnswerClass.Uncertain, 0)]
    [InlineData("upload:during:500", AnswerClass.Uncertain, 0)]
    [InlineData("upload:after:500", AnswerClass.Uncertain, 1)]
    [InlineData("upload:before:1111", AnswerClass.RetryStep, 0)]
    [InlineData("upload:before:5001", AnswerClass.ReportGone, 0)]
    [InlineData("upload:before:5102", AnswerClass.AlreadyFinished, 0)]
    [InlineData("upload:after:wrong-md5", AnswerClass.WrongHash, 1)]
    [InlineData("upload:after:break", AnswerClass.Uncertain, 1)]
    public async Task Each_fault_of_upload_is_told_by_its_class_and_leaves_what_it_should(string fault, AnswerClass expected, int files)
    {
        var report = await OpenAsync();
        Fail(fault);

        var answer = await UploadAsync(report);

        Assert.Equal(expected, answer.Class);
        Assert.Equal(files, Assert.Single(_fake.Reports).Files.Count);
    }

    [Fact]
    public async Task A_finish_whose_answer_was_lost_is_known_as_finished_when_it_is_repeated()
    {
        var report = await OpenAsync();
        Fail("finish:after:break");

        var lost = await _client.FinishAsync(report, Stop);
        var repeated = await _client.FinishAsync(report, Stop);

        Assert.Equal((AnswerClass.Uncertain, AnswerClass.AlreadyFinished), (lost.Class, repeated.Class));
    }

    [Fact]
    public async Task Details_come_once_for_a_file_that_exists_and_not_after_the_end()
    {
        var report = await OpenAsync();
        var file = (await UploadAsync(report)).FileId!;

        var unknown = await _client.DescribeAsync(Details(report, "another"), Stop);
        await _client.DescribeAsync(Details(report, file), Stop);
        var again = await _client.DescribeAsync(Details(report, file), Stop);
        await _client.RetractAsync(report, Stop);
        var late = await _client.RetractAsync(report, Stop);

        Assert.Equal((AnswerClass.FileGone, AnswerClass.NeedsHuman, AnswerClass.AlreadyRetracted), (unknown.Class, again.Class, late.Class));
        Assert.Contains("R-19", again.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24, false)]
    [InlineData(25, true)]
    public async Task An_unfinished_report_is_gone_a_day_after_it_was_opened(int hours, bool isGone)
    {
        var report = await OpenAsync();
        _clock.Advance(TimeSpan.FromHours(hours));

        var answer = await _client.FinishAsync(report, Stop);

        Assert.Equal(isGone ? AnswerClass.ReportGone : AnswerClass.Success, answer.Class);
    }

    [Fact]
    public async Task A_late_file_keeps_the_report_open_for_an_hour_more()
    {
        var report = await OpenAsync();
        _clock.Advance(TimeSpan.FromHours(23.5));
        await UploadAsync(report);
        _clock.Advance(TimeSpan.FromHours(0.9));

        Assert.Equal(AnswerClass.Success, (await _client.FinishAsync(report, Stop)).Class);
    }

    [Fact]
    public async Task A_restart_keeps_what_is_in_the_folder()
    {
        using var folder = new ScratchFolder();
        await using (var first = await FakeCyberTipline.StartAsync(new FakeAuthorityOptions { Clock = _clock, Folder = folder.Path }, Stop))
        {
            using var client = new CyberTiplineClient(first.Endpoint, _clock);
            await client.SubmitAsync(CyberTipWriter.Write(DocumentTests.Small()).Bytes, Stop);
        }

        await using var second = await FakeCyberTipline.StartAsync(new FakeAuthorityOptions { Clock = _clock, Folder = folder.Path }, Stop);

        Assert.Equal(1_000_001, Assert.Single(second.Reports).ReportId);
    }

    [Fact]
    public async Task A_slow_answer_is_given_up_after_the_patience_that_its_size_earns()
    {
        Fail("status:before:slow=3600");
        var asked = _client.GetStatusAsync(Stop);
        while (!asked.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(61));
            await Task.Yield();
        }

        Assert.Equal((AnswerClass.Uncertain, null), ((await asked).Class, (await asked).HttpStatus));
    }

    [Fact]
    public async Task What_may_be_repeated_is_repeated_and_what_must_not_be_is_not()
    {
        Fail("finish:before:1000*3");
        Fail("upload:after:break");
        var report = await OpenAsync();

        var uploaded = await RetryAsync(stop => UploadAsync(report));
        var finished = await RetryAsync(stop => _client.FinishAsync(report, stop));

        Assert.Equal((AnswerClass.Uncertain, 1), (uploaded.Class, _fake.CallsOf("upload")));
        Assert.Equal((AnswerClass.Success, 4), (finished.Class, _fake.CallsOf("finish")));
    }

    [Fact]
    public async Task A_step_that_never_succeeds_ends_with_its_last_answer_when_the_time_is_over()
    {
        Fail("status:before:500*100000");

        var answer = await RetryAsync(_client.GetStatusAsync);

        Assert.Equal(AnswerClass.Uncertain, answer.Class);
        Assert.InRange(_fake.CallsOf("status"), 40, 70);
    }

    [Fact]
    public async Task A_report_of_one_environment_is_refused_by_the_client_of_another()
    {
        using var production = new CyberTiplineClient(CyberTiplineEndpoint.Production("user", "word"), _clock);
        var report = await OpenAsync();

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => production.FinishAsync(report, Stop));

        Assert.Contains("Rehearsal", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CyberTiplineEndpoint.Rehearsal(new Uri("https://report.cybertip.org/ispws"), "user", "word"));
        Assert.Throws<ArgumentException>(() => CyberTiplineEndpoint.Rehearsal(new Uri("https://EXTTEST.cybertip.org./ispws"), "user", "word"));
        Assert.DoesNotContain("word", CyberTiplineEndpoint.Test("user", "word").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_told_as_such()
    {
        using var stranger = new CyberTiplineClient(CyberTiplineEndpoint.Rehearsal(_fake.Address, "rehearsal", "other"), _clock);

        Assert.Equal(AnswerClass.Credentials, (await stranger.GetStatusAsync(Stop)).Class);
    }

    [Fact]
    public async Task A_file_of_ours_that_breaks_off_is_our_own_error_and_no_answer_of_the_authority()
    {
        var report = await OpenAsync();

        await Assert.ThrowsAsync<IOException>(() => _client.UploadAsync(report, "picture", new MemoryStream(Picture), Picture.Length + 1, Stop));

        Assert.Empty(Assert.Single(_fake.Reports).Files);
    }

    [Fact]
    public async Task Requests_look_as_the_protocol_wants_them()
    {
        var handler = new Recorder("<reportResponse><responseCode>0</responseCode><responseDescription/><reportId>7</reportId><fileId>f</fileId><hash>0cc175b9c0f1b6a831c399e269772661</hash></reportResponse>");
        using var client = new CyberTiplineClient(CyberTiplineEndpoint.Test("user", "word"), _clock, handler);

        await client.SubmitAsync(CyberTipWriter.Write(DocumentTests.Small()).Bytes, Stop);
        var submit = handler.Seen;
        var answer = await client.UploadAsync(new OpenReport(TipEnvironment.Test, 7), "na\"me\r\nü.png", new MemoryStream("a"u8.ToArray()), 1, Stop);

        Assert.Contains("POST https://exttest.cybertip.org/ispws/submit", submit, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/xml; charset=utf-8", submit, StringComparison.Ordinal);
        Assert.Contains("Authorization: Basic dXNlcjp3b3Jk", submit, StringComparison.Ordinal);
        Assert.Equal(AnswerClass.Success, answer.Class);
        Assert.Contains("Content-Disposition: form-data; name=\"id\"\r\n\r\n7\r\n", handler.Seen, StringComparison.Ordinal);
        Assert.Contains("Content-Disposition: form-data; name=\"file\"; filename=\"na_me___.png\"\r\n", handler.Seen, StringComparison.Ordinal);
        Assert.Matches("Content-Length: [0-9]+\n", handler.Seen);
    }

    [Theory]
    [InlineData(200, "<reportResponse><responseCode>4100</responseCode><responseDescription>why</responseDescription></reportResponse>", AnswerClass.NeedsHuman)]
    [InlineData(400, "<reportResponse><responseCode>1000</responseCode><responseDescription>why</responseDescription></reportResponse>", AnswerClass.RetryStep)]
    [InlineData(401, "<reportResponse><responseCode>1000</responseCode><responseDescription>why</responseDescription></reportResponse>", AnswerClass.Credentials)]
    [InlineData(200, "<!DOCTYPE a [<!ENTITY b \"c\">]><reportResponse><responseCode>0</responseCode></reportResponse>", AnswerClass.Uncertain)]
    [InlineData(200, "", AnswerClass.Uncertain)]
    [InlineData(302, "", AnswerClass.NeedsHuman)]
    [InlineData(503, "<html>", AnswerClass.Uncertain)]
    [InlineData(200, "<?xml version=\"1.0\" encoding=\"none-such\"?><reportResponse><responseCode>0</responseCode></reportResponse>", AnswerClass.Uncertain)]
    [InlineData(200, "<reportResponse><responseCode>0</responseCode><responseDescription/></reportResponse>", AnswerClass.Uncertain)]
    public async Task A_body_is_read_whatever_the_status_says(int status, string body, AnswerClass expected)
    {
        using var client = new CyberTiplineClient(CyberTiplineEndpoint.Test("user", "word"), _clock, new Recorder(body, status));

        Assert.Equal(expected, (await client.SubmitAsync("<report/>"u8.ToArray(), Stop)).Class);
    }

    [Fact]
    public async Task An_answer_without_end_is_read_to_its_bound_only()
    {
        using var client = new CyberTiplineClient(CyberTiplineEndpoint.Test("user", "word"), _clock, new Recorder(new string(' ', 10 << 20)));

        var answer = await client.GetStatusAsync(Stop);

        Assert.Equal((AnswerClass.Uncertain, 0), (answer.Class, answer.Body.Length));
    }

    [Fact]
    public async Task An_authoritys_schema_that_differs_is_noticed_and_its_additions_are_used()
    {
        await using var older = await FakeCyberTipline.StartAsync(new FakeAuthorityOptions { Clock = _clock, HasAdditions2026 = false }, Stop);
        using var client = new CyberTiplineClient(older.Endpoint, _clock);

        var with = (await _client.GetSchemaAsync(Stop)).Schema!;
        var without = (await client.GetSchemaAsync(Stop)).Schema!;
        var other = LiveSchema.Parse(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(with.Bytes.Span)
            .Replace("name=\"generativeAi\"", "name=\"generatedByAi\"", StringComparison.Ordinal)));

        Assert.Equal((4, 0), (with.Additions.Count, without.Additions.Count));
        Assert.Equal((false, false, true), (with.IsDifferent, without.IsDifferent, other.IsDifferent));
        Assert.Equal("generatedByAi", Assert.Single(other.Added));
        Assert.Equal("generativeAi", Assert.Single(other.Removed));
        Assert.NotEqual(with.Sha256, without.Sha256);
    }

    private static ReadOnlyMemory<byte> Details(OpenReport report, string fileId) =>
        CyberTipWriter.Write(new FileDetails { ReportId = report.ReportId, FileId = fileId, FileViewedByEsp = false }).Bytes;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Palisade.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    private void Fail(string text)
    {
        Assert.True(FakeFault.TryParse(text, out var fault), text);
        _fake.Fail(fault);
    }

    private async Task<OpenReport> OpenAsync()
    {
        var answer = await _client.SubmitAsync(CyberTipWriter.Write(DocumentTests.Small()).Bytes, Stop);
        return new OpenReport(_client.Environment, answer.ReportId!.Value);
    }

    private Task<TipAnswer> UploadAsync(OpenReport report) =>
        _client.UploadAsync(report, "picture", new MemoryStream(Picture), Picture.Length, Stop);

    private static Task<TipAnswer> RetryAsync(Func<CancellationToken, Task<TipAnswer>> step) =>
        TipRetry.RunAsync(step, TipMaker.Now + RetrySchedule.GiveUp, new LeapingClock(), Stop);

    /// <summary>Every wait is over at once, and the clock stands where it would then.</summary>
    private sealed class LeapingClock : TimeProvider
    {
        private DateTimeOffset _now = TipMaker.Now;

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _now += dueTime;
            return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Recorder(string body, int status = 200) : HttpMessageHandler
    {
        public string Seen { get; private set; } = "";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            Seen = $"{request.Method} {request.RequestUri}\n{request.Headers}{request.Content?.Headers}\n{content}".Replace("\r\nContent-Length", "\nContent-Length", StringComparison.Ordinal);
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "text/xml") };
        }
    }
}
