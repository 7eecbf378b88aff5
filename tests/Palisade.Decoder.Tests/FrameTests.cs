using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

public sealed class FrameTests(PoolFixture fixture)
{
    [Theory]
    [InlineData(5)]
    [InlineData(16)]
    public async Task Every_frame_of_a_short_animation_is_fingerprinted(int frames)
    {
        var picture = await DecodeAsync(await AnimatedWebp.DrawAsync(fixture.Pool, frames));

        Assert.Equal(frames, picture.FrameCount);
        Assert.Equal(Enumerable.Range(0, frames), picture.Frames.Select(frame => frame.Frame));
        Assert.Equal(frames, picture.Frames.Select(frame => frame.Full.Hash).Distinct().Count());
    }

    [Fact]
    public async Task Each_frame_has_the_hash_that_its_picture_has_alone()
    {
        var picture = await DecodeAsync(await AnimatedWebp.DrawAsync(fixture.Pool, 4));

        foreach (var frame in picture.Frames)
        {
            var alone = await DecodeAsync(await AnimatedWebp.DrawFrameAsync(fixture.Pool, frame.Frame));
            Assert.Equal(alone.Frames[0].Full, frame.Full);
        }
    }

    [Fact]
    public async Task Of_a_long_animation_the_first_frame_and_fifteen_evenly_spaced_ones_are_fingerprinted()
    {
        var picture = await DecodeAsync(await AnimatedWebp.DrawAsync(fixture.Pool, 151));

        Assert.Equal(151, picture.FrameCount);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => i * 10), picture.Frames.Select(frame => frame.Frame));
    }

    [Fact]
    public async Task A_gif_of_a_thousand_frames_gives_sixteen_different_ones()
    {
        var picture = await DecodeAsync(AnimatedGif.Draw(frames: 1_000, width: 120, height: 90));

        Assert.Equal(1_000, picture.FrameCount);
        Assert.Equal(16, picture.Frames.Count);
        Assert.Equal((0, 999), (picture.Frames[0].Frame, picture.Frames[^1].Frame));
        Assert.Equal(16, picture.Frames.Select(frame => frame.Full.Hash).Distinct().Count());
    }

    [Fact]
    public async Task Frames_that_together_are_too_tall_for_one_pass_are_read_one_by_one()
    {
        var picture = await DecodeAsync(AnimatedGif.DrawPatches(frames: 160, width: 16, height: 65_000));

        Assert.Equal((160, 16, 65_000), (picture.FrameCount, picture.Width, picture.Height));
        Assert.Equal((0, 159), (picture.Frames[0].Frame, picture.Frames[^1].Frame));
        Assert.Equal(16, picture.Frames.Select(frame => frame.Full.Hash).Distinct().Count());
    }

    private async Task<PictureFacts> DecodeAsync(byte[] file)
    {
        var outcome = await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);
        return Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture;
    }
}
