using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Client;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Review;
using Palisade.Signals.Digests;
using PlatformAction = Palisade.Review.PlatformAction;

namespace Palisade.Server.Tests.Api;

public sealed class CaseRoutesTests : IAsyncLifetime
{
    private static readonly Actor Anna = Actor.CommandLine("anna");

    private RunningService _service = null!;
    private HttpClient _http = null!;
    private PalisadeClient _platform = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _http = await _service.ClientAsync();
        _platform = new PalisadeClient(
            new HttpClient(), new PalisadeClientOptions { Address = _service.Address, ApiKey = await _service.KeyAsync([.. ApiScopes.All]) });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task An_upload_that_is_blocked_is_sealed_with_everything_that_the_platform_knows_of_it()
    {
        var file = await KnownFileAsync(1);

        var answer = await _platform.ScanAsync(
            Upload.FromBytes(file, "avatars", "photo 17") with
            {
                UploaderToken = "account 4",
                Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
                FileName = "canary holiday.jpg",
                Network = [new("upload", "192.0.2.7", 443, new DateTimeOffset(2026, 3, 1, 11, 59, 0, TimeSpan.Zero)), new("login", "2001:db8::1")],
                Context = [new("message", "canary words,\nin two lines")],
            },
            default);

        Assert.Equal(Verdict.Block, answer.Verdict);
        var summary = Assert.Single((await _http.GetAsync("/v1/cases").JsonAsync()).GetProperty("cases").EnumerateArray());
        Assert.Equal(("open", "block"), (summary.Word("state"), summary.Word("verdict")));
        var upload = Assert.Single((await _http.GetAsync($"/v1/cases/{summary.Word("id")}").JsonAsync()).GetProperty("uploads").EnumerateArray());
        Assert.Equal((answer.Id, "photo 17", "account 4"), (upload.Word("source"), upload.Word("contentId"), upload.Word("uploaderToken")));
        Assert.True(EvidenceId.TryParse(upload.Word("evidence"), out var evidence));

        await UnsealAsync();
        var bytes = new MemoryStream();
        await _service.Installation.Evidence.OpenAsync(evidence, bytes, Anna, "to compare", default);
        var facts = await _service.Installation.Evidence.FactsAsync(evidence, Anna, "to compare", default);
        Assert.Equal(file, bytes.ToArray());
        Assert.Equal(("canary holiday.jpg", "account 4", answer.Id, null), (facts.FileName, facts.UploaderToken, facts.Source, facts.Provenance));
        Assert.Equal([("upload", "192.0.2.7", (int?)443), ("login", "2001:db8::1", null)], facts.Network.Select(n => (n.Event, n.Address, n.Port)));
        Assert.Equal(("message", "canary words,\nin two lines"), Assert.Single(facts.Context.Select(item => (item.Kind, item.Text))));
        Assert.Equal(("jpeg", DigestCalculator.Compute(file).Sha256.ToString()), (facts.Declared["format"], facts.Digests["sha256"]));
        Assert.Contains("match-exact", facts.Verdict, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", _service.Lines.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decision_reaches_the_platform_by_the_feed()
    {
        var answer = await _platform.ScanAsync(Upload.FromBytes(await KnownFileAsync(2), "avatars", "photo 18"), default);
        var record = Assert.Single(await _service.Installation.Cases.ListAsync(new CaseQuery(), default));

        await _service.Installation.Cases.CloseAsync(record.Id, PlatformAction.Restrict, "clear", null, Anna, default);

        var changes = new List<VerdictChange>();
        await foreach (var change in _platform.FollowVerdictsAsync(0, TestContext.Current.CancellationToken))
        {
            changes.Add(change);
            if (changes.Count == 2)
            {
                break;
            }
        }

        Assert.Equal(
            [$"{answer.Id} photo 18 {record.Id} ", $"{answer.Id} photo 18 {record.Id} Restrict"],
            changes.Select(change => $"{change.Scan} {change.ContentId} {change.Case} {change.Action}"));
    }

    [Fact]
    public async Task A_flag_needs_no_match_and_joins_the_case_of_the_same_content()
    {
        var file = await _service.EncodeAsync(Drawing.Of(3));

        var first = await _platform.FlagAsync(
            new ContentFlag
            {
                Service = "avatars",
                ContentId = "photo 19",
                File = file,
                Text = "canary complaint",
                Category = "abuse",
                ReporterToken = "reporter 1",
                Reference = "https://example.org/p/19",
            },
            default);
        var second = await _platform.FlagAsync(new ContentFlag { Service = "avatars", ContentId = "photo 19", Text = "me too" }, default);
        var third = await _platform.FlagAsync(new ContentFlag { Service = "avatars", Reference = "https://example.org/p/20" }, default);
        var empty = await _http.PostAsync("/v1/cases", new MultipartFormDataContent { { new StringContent("avatars"), "service" } }).ProblemAsync();

        Assert.Equal(Verdict.Allow, first.Verdict);
        Assert.Equal(first.Case, second.Case);
        Assert.NotEqual(first.Case, third.Case);
        Assert.Equal("flag-empty", empty.Word);
        var detail = await _http.GetAsync($"/v1/cases/{first.Case}").JsonAsync();
        Assert.Equal("flag", detail.GetProperty("case").Word("origin"));
        Assert.Equal(
            ["canary complaint", "me too"],
            detail.GetProperty("uploads").EnumerateArray().Select(upload => upload.GetProperty("flag").Word("text")));
        Assert.True(detail.GetProperty("uploads")[0].TryGetProperty("evidence", out _));
        Assert.Equal("no-bytes", detail.GetProperty("uploads")[1].Word("evidenceGap"));
        Assert.DoesNotContain("canary", _service.Lines.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_flag_is_one_flag()
    {
        var flag = new ContentFlag { Service = "avatars", Text = "look at this", IdempotencyKey = "one" };

        var first = await _platform.FlagAsync(flag, default);
        var again = await _platform.FlagAsync(flag, default);
        var other = await Assert.ThrowsAsync<PalisadeProblemException>(() => _platform.FlagAsync(flag with { Text = "another" }, default));

        Assert.Equal(first, again);
        Assert.Equal(422, other.Problem.Status);
        Assert.Equal(1, Assert.Single(await _service.Installation.Cases.ListAsync(new CaseQuery(), default)).Uploads);
    }

    [Fact]
    public async Task A_note_is_written_and_read_again_and_says_who_wrote_it()
    {
        var flagged = await _platform.FlagAsync(new ContentFlag { Service = "avatars", Text = "look" }, default);

        await _http.PostAsJsonAsync($"/v1/cases/{flagged.Case}/notes", new { text = "asked a colleague" }).JsonAsync(HttpStatusCode.Created);
        var empty = await _http.PostAsJsonAsync($"/v1/cases/{flagged.Case}/notes", new { text = " " }).ProblemAsync();
        var nowhere = await _http.PostAsJsonAsync($"/v1/cases/{CaseId.New()}/notes", new { text = "x" }).ProblemAsync();

        var note = Assert.Single((await _http.GetAsync($"/v1/cases/{flagged.Case}").JsonAsync()).GetProperty("notes").EnumerateArray());
        Assert.Equal("asked a colleague", note.Word("text"));
        Assert.StartsWith("key:", note.Word("by"), StringComparison.Ordinal);
        Assert.Equal(("note-not-valid", "case-unknown"), (empty.Word, nowhere.Word));
    }

    [Fact]
    public async Task Which_bank_matched_is_told_only_with_the_scope_for_it()
    {
        await _platform.ScanAsync(Upload.FromBytes(await KnownFileAsync(4), "avatars", "photo 20"), default);
        var id = Assert.Single(await _service.Installation.Cases.ListAsync(new CaseQuery(), default)).Id;
        using var reader = await _service.ClientAsync(ApiScopes.CasesRead);

        var without = await reader.GetStringAsync($"/v1/cases/{id}");
        var with = await _http.GetStringAsync($"/v1/cases/{id}");

        Assert.Contains("practice", with, StringComparison.Ordinal);
        Assert.DoesNotContain("practice", without, StringComparison.Ordinal);
        Assert.DoesNotContain("match-exact", without, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("network", "[{\"event\":\"upload\",\"address\":\"not an address\"}]")]
    [InlineData("network", "[{\"event\":\"Upload!\",\"address\":\"192.0.2.1\"}]")]
    [InlineData("network", "{}")]
    [InlineData("network", "[null]")]
    [InlineData("context", "[{\"kind\":\"message\"}]")]
    [InlineData("context", "nonsense")]
    [InlineData("context", "[{\"kind\":\"message\",\"text\":\"x\",\"more\":1}]")]
    public async Task Facts_of_the_wrong_form_are_refused_and_nothing_is_kept(string field, string value)
    {
        var form = RunningService.Form(await KnownFileAsync(5));
        form.Add(new StringContent(value, Encoding.UTF8), field);

        Assert.Equal("field-not-valid", (await _http.PostAsync("/v1/scan", form).ProblemAsync()).Word);
        Assert.Empty(await _service.Installation.Cases.ListAsync(new CaseQuery(), default));
    }

    [Fact]
    public async Task Without_a_sealing_key_what_would_be_blocked_is_held_and_its_facts_are_kept()
    {
        await using var service = await RunningService.StartAsync(isSealing: false);
        using var client = await service.ClientAsync();
        var file = await service.EncodeAsync(Drawing.Of(6));
        await service.AddAsync(await service.BankAsync("practice"), new SignalValue(DigestCalculator.Compute(file).Sha256));

        var answer = await client.PostAsync("/v1/scan", RunningService.Form(file, contentId: "photo 21")).JsonAsync();

        Assert.Equal("hold", answer.Verdict());
        Assert.Equal(["match-exact", "evidence-not-sealed"], answer.Reasons());
        var id = Assert.Single(await service.Installation.Cases.ListAsync(new CaseQuery(), default)).Id;
        var upload = Assert.Single((await client.GetAsync($"/v1/cases/{id}").JsonAsync()).GetProperty("uploads").EnumerateArray());
        Assert.Equal(("not-sealed", "photo 21"), (upload.Word("evidenceGap"), upload.Word("contentId")));
        Assert.Contains("could not be sealed", service.Lines.Text, StringComparison.Ordinal);
        Assert.Contains("palisade_evidence_not_sealed_total 1", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_and_the_metrics_say_how_old_the_oldest_held_upload_is()
    {
        var print = await _service.FingerprintAsync(await _service.EncodeAsync(Drawing.Of(7)));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(print.Full.Hash), print.Full.Quality);
        await _http.PostAsync("/v1/scan", RunningService.Form(await _service.EncodeAsync(Drawing.Of(7), quality: 60))).JsonAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var installation = _service.Installation;
        var cases = new CaseBook(
            installation.Store, installation.BankKey, installation.Evidence, installation.Audit, new ReviewOptions(), clock,
            NullLogger<CaseBook>.Instance);
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(_service.Lines));
        using var watch = new CaseClock(cases, new ReviewOptions(), clock, logs.CreateLogger<CaseClock>());

        clock.Advance(TimeSpan.FromHours(3));
        await watch.LookAsync(default);
        var early = _service.Lines.Text;
        clock.Advance(TimeSpan.FromHours(2));
        await watch.LookAsync(default);

        Assert.DoesNotContain("the oldest held upload has waited", early, StringComparison.Ordinal);
        Assert.Contains("the oldest held upload has waited", _service.Lines.Text, StringComparison.Ordinal);
        Assert.InRange(watch.Latest.OldestHeld!.Value, TimeSpan.FromHours(5), TimeSpan.FromHours(5.1));
        Assert.Contains("palisade_oldest_held_seconds", await _http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    /// <summary>A file that is in a bank, byte for byte.</summary>
    private async Task<byte[]> KnownFileAsync(int drawing)
    {
        var file = await _service.EncodeAsync(Drawing.Of(drawing));
        var bank = await _service.BankAsync("practice");
        await _service.AddAsync(bank, new SignalValue(DigestCalculator.Compute(file).Sha256));
        return file;
    }

    private async Task UnsealAsync()
    {
        using var secret = Palisade.Testing.TestKeys.NewSecret();
        Assert.Null(await _service.Installation.Sealing.UnsealAsync(secret, Anna, "for a test", default));
    }
}
