using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Server.Demo;

namespace Palisade.Server.Tests.Api;

/// <summary>Uploads that match nothing by themselves and were made from a picture in a bank, over HTTP.</summary>
public sealed class RegionScanTests
{
    private static readonly Picture Photo = BenignPictures.Draw(12, PictureKind.Cobbles, 640, 480);

    [Fact]
    public async Task A_service_that_waits_holds_a_crop_of_an_enrolled_photo_and_tells_neither_which_photo_nor_where()
    {
        await using var service = await StartAsync("wait");
        await EnrolAsync(service);
        using var client = await service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail);

        var answer = await ScanAsync(client, await CropAsync(service));

        Assert.Equal("hold", answer.Verdict());
        Assert.Equal(["match-region"], answer.Reasons());
        Assert.Equal("done", answer.Word("regions"));
        var match = Assert.Single(answer.Matches());
        Assert.Equal(["bank", "signal", "region"], match.EnumerateObject().Select(one => one.Name));
        Assert.Equal("region", match.Word("signal"));
        var region = match.GetProperty("region");
        Assert.Equal(["score", "band", "direction", "coverage"], region.EnumerateObject().Select(one => one.Name));
        Assert.Equal("derived", region.Word("band"));
        Assert.Equal("cropped", region.Word("direction"));
        Assert.InRange(region.GetProperty("score").GetInt32(), 10, 300);
    }

    [Fact]
    public async Task A_caller_without_match_detail_learns_the_verdict_alone()
    {
        await using var service = await StartAsync("wait");
        await EnrolAsync(service);
        using var client = await service.ClientAsync(ApiScopes.Scan);

        var altered = await ScanAsync(client, await CropAsync(service));
        var ordinary = await ScanAsync(client, await EncodeAsync(service, BenignPictures.Draw(13, PictureKind.Meadow, 640, 480)));

        Assert.Equal(["id", "verdict", "regions"], altered.EnumerateObject().Select(one => one.Name));
        Assert.Equal("hold", altered.Verdict());
        Assert.Equal("allow", ordinary.Verdict());
        Assert.Equal(altered.Word("regions"), ordinary.Word("regions"));
    }

    [Fact]
    public async Task The_case_shows_a_reviewer_which_photo_it_was_and_where_it_differs()
    {
        await using var service = await StartAsync("wait");
        var signal = await EnrolAsync(service);
        using var client = await service.ClientAsync();
        await ScanAsync(client, await CropAsync(service));

        var cases = await service.Installation.Cases.ListAsync(new Palisade.Review.CaseQuery(), CancellationToken.None);
        var shown = await client.GetStringAsync($"/v1/cases/{Assert.Single(cases).Id}", TestContext.Current.CancellationToken);

        var upload = JsonDocument.Parse(shown).RootElement.GetProperty("uploads")[0];
        var region = upload.GetProperty("matches")[0].GetProperty("region");
        Assert.Equal(signal.Id.ToString(), region.Word("picture"));
        Assert.Equal(32 * 32, region.Word("map").Length);
        Assert.Contains('?', region.Word("map"));
        Assert.DoesNotContain("uploadPdq", shown, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_service_that_does_not_ask_looks_for_no_regions_and_says_nothing_of_them()
    {
        await using var service = await StartAsync("off");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();

        var answer = await ScanAsync(client, await CropAsync(service));

        Assert.Equal("allow", answer.Verdict());
        Assert.False(answer.TryGetProperty("regions", out _));
    }

    [Fact]
    public async Task What_the_banks_know_by_itself_needs_no_regions()
    {
        await using var service = await StartAsync("wait");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();

        var answer = await ScanAsync(client, await EncodeAsync(service, Photo));

        Assert.Equal("not-needed", answer.Word("regions"));
        Assert.Contains("match-exact", answer.Reasons());
    }

    [Fact]
    public async Task A_later_comparison_is_announced_and_its_verdict_follows_by_the_feed_with_a_case_and_the_sealed_bytes()
    {
        await using var service = await StartAsync("after");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();

        var answer = await ScanAsync(client, await CropAsync(service), "photo-7");

        Assert.Equal("allow", answer.Verdict());
        Assert.Equal("pending", answer.Word("regions"));
        Assert.Empty((await FeedAsync(client)).EnumerateArray());

        await WorkAsync(service);

        var line = Assert.Single((await FeedAsync(client)).EnumerateArray());
        Assert.Equal(answer.Word("id"), line.Word("scan"));
        Assert.Equal("photo-7", line.Word("contentId"));
        Assert.Equal("hold", line.Word("verdict"));
        var upload = JsonDocument.Parse(await client.GetStringAsync($"/v1/cases/{line.Word("case")}", TestContext.Current.CancellationToken))
            .RootElement.GetProperty("uploads")[0];
        Assert.StartsWith("evd_", upload.Word("evidence"), StringComparison.Ordinal);
        Assert.Equal(0, service.Installation.RegionBacklog.Waiting);
    }

    [Fact]
    public async Task Of_a_later_comparison_that_finds_nothing_nothing_is_kept()
    {
        await using var service = await StartAsync("after");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();
        var answer = await ScanAsync(client, await EncodeAsync(service, BenignPictures.Draw(13, PictureKind.Meadow, 640, 480)));

        await WorkAsync(service);

        Assert.Empty((await FeedAsync(client)).EnumerateArray());
        Assert.Equal("scan-not-kept", (await client.GetAsync($"/v1/scans/{answer.Word("id")}", TestContext.Current.CancellationToken).ProblemAsync()).Word);
    }

    [Fact]
    public async Task What_waits_survives_a_restart_sealed_and_is_compared_then()
    {
        var first = await StartAsync("after");
        await EnrolAsync(first);
        var file = await CropAsync(first);
        string id;
        using (var client = await first.ClientAsync())
        {
            id = (await ScanAsync(client, file, "canary-content-name")).Word("id");
        }

        await first.StopAsync();
        foreach (var stored in Directory.EnumerateFiles(first.Folder))
        {
            var bytes = await File.ReadAllBytesAsync(stored, TestContext.Current.CancellationToken);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(file.AsSpan(file.Length / 2, 24)));
            Assert.Equal(-1, bytes.AsSpan().IndexOf("canary-content-name"u8));
        }

        await using var second = await StartAsync("after", first.Folder);
        await WorkAsync(second);

        using var again = await second.ClientAsync();
        Assert.Equal(id, Assert.Single((await FeedAsync(again)).EnumerateArray()).Word("scan"));
    }

    [Fact]
    public async Task A_repeated_request_is_one_scan_that_is_compared_once()
    {
        await using var service = await StartAsync("after");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();
        client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var file = await CropAsync(service);

        var first = await ScanAsync(client, file);
        var second = await ScanAsync(client, file);
        await WorkAsync(service);
        var third = await ScanAsync(client, file);

        Assert.Equal(first.Word("id"), second.Word("id"));
        Assert.Equal(("pending", "done"), (second.Word("regions"), third.Word("regions")));
        Assert.Single((await FeedAsync(client)).EnumerateArray());
    }

    [Fact]
    public async Task A_full_queue_makes_the_answer_wait_instead_of_looking_away()
    {
        await using var service = await StartAsync("after", options: new RegionOptions { MostWaiting = 0 });
        await EnrolAsync(service);
        using var client = await service.ClientAsync();

        var answer = await ScanAsync(client, await CropAsync(service));

        Assert.Equal(("hold", "done"), (answer.Verdict(), answer.Word("regions")));
    }

    [Theory]
    [InlineData(PictureKind.Cobbles, 16, 16)]
    [InlineData(PictureKind.Cobbles, 2000, 8)]
    [InlineData(PictureKind.Cobbles, 8, 2000)]
    public async Task A_tiny_or_very_long_picture_has_an_answer_and_is_no_wrong_match(PictureKind kind, int width, int height)
    {
        await using var service = await StartAsync("wait");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();

        var answer = await ScanAsync(client, await EncodeAsync(service, BenignPictures.Draw(14, kind, width, height)));

        Assert.Equal(("allow", "done"), (answer.Verdict(), answer.Word("regions")));
    }

    [Fact]
    public async Task A_picture_of_one_colour_has_an_answer_and_is_no_wrong_match()
    {
        await using var service = await StartAsync("wait");
        await EnrolAsync(service);
        using var client = await service.ClientAsync();

        var answer = await ScanAsync(client, await EncodeAsync(service, new Picture(300, 300, new byte[300 * 300 * 3])));

        Assert.Equal(("allow", "done"), (answer.Verdict(), answer.Word("regions")));
    }

    private static Task<RunningService> StartAsync(string regions, string? folder = null, RegionOptions? options = null) =>
        RunningService.StartAsync(
            change: settings => settings with { Regions = (options ?? new RegionOptions()) with { Workers = 0 } },
            folder: folder,
            policy: DefaultPolicy.Text.Replace("\"regions\": \"off\"", $"\"regions\": \"{regions}\"", StringComparison.Ordinal));

    private static async Task<Signal> EnrolAsync(RunningService service)
    {
        var file = await EncodeAsync(service, Photo);
        var bank = await service.BankAsync("photos", BankPurpose.ProtectedPhoto);
        var print = await service.FingerprintAsync(file);
        await service.AddAsync(bank, new SignalValue(Palisade.Signals.Digests.DigestCalculator.Compute(file).Sha256));
        var signal = await service.AddAsync(bank, new SignalValue(print.Full.Hash), print.Full.Quality);
        var regions = await PictureRegions.FindAsync(file, new RegionOptions(), service.Installation.Decoder, CancellationToken.None);
        Assert.False((await service.Installation.Regions.AddAsync(
            signal.Id, regions.Codes!, regions.Map, Palisade.Audit.Actor.Palisade, CancellationToken.None)).IsRefused);
        if (service.Installation.RegionIndex.IsLoaded)
        {
            await service.Installation.RegionIndex.CatchUpAsync(CancellationToken.None);
        }

        return signal;
    }

    /// <summary>Compares all that waits: the service of these tests has no worker of its own.</summary>
    private static async Task WorkAsync(RunningService service)
    {
        var home = service.Installation;
        var worker = new RegionWorker(home.RegionBacklog, home.Scanner, home.Decoder, home.Clock, NullLogger<RegionWorker>.Instance);
        while (await worker.StepAsync(CancellationToken.None))
        {
            await home.RegionBacklog.MeasureAsync(CancellationToken.None);
        }
    }

    private static Task<byte[]> CropAsync(RunningService service)
    {
        const int Left = 180, Top = 120, Width = 380, Height = 300;
        var rgb = new byte[Width * Height * 3];
        for (var row = 0; row < Height; row++)
        {
            Photo.Rgb.Span.Slice((((Top + row) * Photo.Width) + Left) * 3, Width * 3).CopyTo(rgb.AsSpan(row * Width * 3));
        }

        return EncodeAsync(service, new Picture(Width, Height, rgb));
    }

    private static Task<byte[]> EncodeAsync(RunningService service, Picture picture) =>
        service.Installation.Decoder.EncodeAsync(picture.Rgb, picture.Width, picture.Height, "jpeg", 90, CancellationToken.None);

    private static async Task<JsonElement> ScanAsync(HttpClient client, byte[] file, string? contentId = null)
    {
        using var form = RunningService.Form(file, contentId: contentId);
        return await client.PostAsync("/v1/scan", form, TestContext.Current.CancellationToken).JsonAsync();
    }

    private static async Task<JsonElement> FeedAsync(HttpClient client) =>
        JsonDocument.Parse(await client.GetStringAsync("/v1/verdicts?after=0", TestContext.Current.CancellationToken))
            .RootElement.GetProperty("changes");
}
