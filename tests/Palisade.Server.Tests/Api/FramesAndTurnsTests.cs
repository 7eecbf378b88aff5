using Palisade.Banks;
using Palisade.Decoder.Tests;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Server.Demo;
using Palisade.Testing;

namespace Palisade.Server.Tests.Api;

public sealed class FramesAndTurnsTests : IAsyncLifetime
{
    private RunningService _service = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.StartAsync();
        _client = await _service.ClientAsync(ApiScopes.Scan, ApiScopes.MatchDetail);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
    }

    [Theory]
    [InlineData(5, 4)]
    [InlineData(1000, 9)]
    public async Task An_animation_is_held_for_any_one_of_the_frames_that_are_looked_at(int frames, int matching)
    {
        var animation = AnimatedGif.Draw(frames, 128, 128);
        var looked = Assert.IsType<DecodeOutcome.Decoded>(
            await _service.Installation.Decoder.DecodeAsync(animation, TestContext.Current.CancellationToken)).Picture.Frames;
        var before = await ScanAsync(animation);
        var signal = await _service.AddAsync(
            await _service.BankAsync("practice"), new SignalValue(looked[matching].Full.Hash), looked[matching].Full.Quality);

        var answer = await ScanAsync(animation);

        Assert.Equal(Math.Min(frames, 16), looked.Count);
        Assert.Equal("allow", before.Verdict());
        Assert.Equal("hold", answer.Verdict());
        Assert.Equal(signal.Id.ToString(), Assert.Single(answer.Matches()).Word("signal"));
    }

    [Theory]
    [InlineData(0, false, "original")]
    [InlineData(1, false, null)]
    [InlineData(2, false, "rotate180")]
    [InlineData(3, false, null)]
    [InlineData(0, true, null)]
    [InlineData(1, true, null)]
    [InlineData(2, true, null)]
    [InlineData(3, true, null)]
    public async Task A_picture_is_found_however_it_is_turned_and_mirrored(int quarterTurns, bool mirrored, string? orientation)
    {
        // Soft shapes, as in photographs: what is left of hard edges after shrinking differs from turn to turn.
        var lake = BenignPictures.Draw(11, PictureKind.MountainLake, 400, 400);
        var picture = new Drawing(lake.Rgb.ToArray(), lake.Width, lake.Height);
        var print = await _service.FingerprintAsync(await _service.EncodeAsync(picture, "png"));
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(print.Full.Hash), print.Full.Quality);
        for (var turn = 0; turn < quarterTurns; turn++)
        {
            picture = picture.Turned();
        }

        var answer = await ScanAsync(await _service.EncodeAsync(mirrored ? picture.Mirrored() : picture, "png"), "chat-images");

        Assert.Equal("hold", answer.Verdict());
        var found = Assert.Single(answer.Matches());
        Assert.Equal(orientation ?? found.Word("orientation"), found.Word("orientation"));
        Assert.Equal(quarterTurns == 0 && !mirrored, found.Word("orientation") == "original");
    }

    [Fact]
    public async Task A_heic_is_found_where_the_system_reads_heic()
    {
        OptionalPart.Require(
            _service.Installation.Decoder.Formats.Contains("heic", StringComparer.Ordinal),
            "libheif with HEVC (apt-get install libheif1 libde265-0)");
        var file = await File.ReadAllBytesAsync(
            Path.Combine(AppContext.BaseDirectory, "vectors", "blocks.heic"), TestContext.Current.CancellationToken);
        var print = await _service.FingerprintAsync(file);
        await _service.AddAsync(await _service.BankAsync("practice"), new SignalValue(print.Full.Hash), print.Full.Quality);

        var answer = await ScanAsync(file);

        Assert.Equal("hold", answer.Verdict());
        Assert.Equal("practice", Assert.Single(answer.Matches()).Word("bank"));
    }

    private Task<System.Text.Json.JsonElement> ScanAsync(byte[] file, string service = "avatars") =>
        _client.PostAsync("/v1/scan", RunningService.Form(file, service)).JsonAsync();
}
