using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>Which uploads a worker estimates, and what comes of the others.</summary>
public sealed class PrescreenTests(PoolFixture fixture)
{
    private static readonly Sampling Once = new(1, 1);

    [Theory]
    [InlineData(512, 640, 30)]
    [InlineData(1_199, 1_201, 85)]
    [InlineData(2_003, 2_001, 95)]
    [InlineData(2_600, 2_400, 60)]
    [InlineData(4_099, 4_001, 85)]
    public async Task An_ordinary_jpeg_s_estimate_is_within_the_margin_of_its_fingerprint(int width, int height, int quality)
    {
        RequireTurbo();
        var rgb = Drawing.Blocks(3, width, height);
        var file = await fixture.Pool.EncodeAsync(rgb, width, height, "jpeg", quality, TestContext.Current.CancellationToken);
        var exact = await ExactlyAsync(file);

        var estimate = Assert.IsType<PrescreenOutcome.Estimated>(await PrescreenAsync(file)).Estimate;

        var (bits, qualityDifference) = estimate.DistanceTo(Assert.IsType<DecodeOutcome.Decoded>(exact).Picture.Frames[0].Full);
        Assert.InRange(bits, 0, PictureEstimate.MarginBits);
        Assert.InRange(qualityDifference, -PictureEstimate.MarginQuality, PictureEstimate.MarginQuality);
    }

    [Theory]
    [InlineData("a picture with a side under 512 pixels")]
    [InlineData("a progressive one")]
    [InlineData("four inks")]
    [InlineData("a PNG")]
    [InlineData("no picture")]
    public async Task What_is_no_ordinary_jpeg_is_decoded_exactly(string what)
    {
        var file = what switch
        {
            "a picture with a side under 512 pixels" => new NoiseJpeg(1, 900, 511, new(2, 2), Once, Once).Baseline(),
            "a progressive one" => new NoiseJpeg(1, 600, 600, new(2, 2), Once, Once).Progressive(),
            "four inks" => new NoiseJpeg(1, 600, 600, Once, Once, Once, Once).Baseline(),
            "a PNG" => await Drawing.EncodeAsync(fixture.Pool, "png", width: 600, height: 600),
            _ => "no picture at all"u8.ToArray(),
        };

        await AssertExactAsync(await PrescreenAsync(file), file);
    }

    [Fact]
    public async Task Without_the_system_s_library_everything_is_decoded_exactly()
    {
        await using var pool = PoolFixture.New(PoolFixture.Options with { UseTurboJpeg = false, Workers = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var file = new NoiseJpeg(1, 600, 600, new(2, 2), Once, Once).Baseline();

        await AssertExactAsync(await pool.PrescreenAsync(file, TestContext.Current.CancellationToken), file);
    }

    [Fact]
    public async Task A_damaged_jpeg_fares_as_it_does_without_an_estimate()
    {
        RequireTurbo();
        byte[][] files =
        [
            new NoiseJpeg(1, 640, 520, new(2, 2), Once, Once).Baseline(),
            new NoiseJpeg(2, 520, 640, new(2, 1), Once, Once) { RestartInterval = 2 }.Baseline(),
        ];
        var exact = 0;

        for (var seed = 1; seed <= 150; seed++)
        {
            var file = Mutation.Of(files[seed % 2], files[(seed + 1) % 2], seed);
            if (await PrescreenAsync(file) is PrescreenOutcome.Exact outcome)
            {
                await AssertExactAsync(outcome, file);
                exact++;
            }
            else
            {
                Assert.True(await ExactlyAsync(file) is DecodeOutcome.Decoded, $"seed {seed} was estimated and cannot be decoded");
            }
        }

        Assert.InRange(exact, 10, 150);
    }

    [Fact]
    public async Task After_a_header_that_cannot_be_read_the_next_file_fares_as_ever()
    {
        RequireTurbo();
        await using var pool = PoolFixture.New(PoolFixture.Options with { Workers = 1 });
        await pool.StartAsync(TestContext.Current.CancellationToken);
        var good = new NoiseJpeg(1, 600, 600, new(2, 2), Once, Once).Baseline();
        var noSuchTable = JpegBuilder.Segment(0xC4, [0x77, 1, .. new byte[15], 0]);

        var broken = await pool.PrescreenAsync(JpegBuilder.With(good, [noSuchTable]), TestContext.Current.CancellationToken);

        Assert.IsType<PrescreenOutcome.Exact>(broken);
        Assert.IsType<PrescreenOutcome.Estimated>(await pool.PrescreenAsync(good, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_worker_that_answers_an_estimate_to_whom_it_is_no_answer_is_ended()
    {
        const string answerOnce = "/usr/bin/head -c 24 > /dev/null\n/bin/cat $folder/answer\n/bin/cat > /dev/null";
        var estimate = new DecodedPicture(PictureForm.Jpeg, 600, 600, 1, false, 1, [new DecodedFrame(0, default, null)])
        {
            IsEstimate = true,
        };
        using var worker = new FakeWorker(answerOnce, FakeWorker.Message(MessageKind.Decoded, 1, estimate.ToBytes()));
        await using var pool = await worker.StartPoolAsync(TimeProvider.System);

        var outcome = await pool.DecodeAsync(new byte[3], [PdqProfile.Full], TestContext.Current.CancellationToken);

        Assert.Equal(UndecodableReason.MalformedAnswer, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
    }

    [Fact]
    public void An_estimate_is_marked_on_its_way_and_has_one_frame_and_one_profile()
    {
        var frame = new DecodedFrame(0, default, null);
        var estimate = new DecodedPicture(PictureForm.Jpeg, 600, 700, 1, false, 1, [frame]) { IsEstimate = true };

        Assert.True(DecodedPicture.TryRead(estimate.ToBytes())!.IsEstimate);
        Assert.False(DecodedPicture.TryRead((estimate with { IsEstimate = false }).ToBytes())!.IsEstimate);
        Assert.Null(DecodedPicture.TryRead((estimate with { Frames = [frame with { Nn512 = default(PdqFingerprint) }] }).ToBytes()));
        Assert.Null(DecodedPicture.TryRead((estimate with { FrameCount = 2, Frames = [frame, frame with { Index = 1 }] }).ToBytes()));
    }

    [Fact]
    public async Task An_estimate_has_no_words_for_its_hash()
    {
        RequireTurbo();
        var outcome = await PrescreenAsync(await Drawing.EncodeAsync(fixture.Pool, "jpeg", width: 600, height: 600));

        Assert.DoesNotMatch("[0-9a-fA-F]{16}", outcome.ToString());
        Assert.All(typeof(PictureEstimate).GetProperties(), property => Assert.Equal(typeof(int), property.PropertyType));
    }

    private void RequireTurbo() => OptionalPart.Require(
        fixture.Pool.JpegLibrary.StartsWith("libjpeg-turbo", StringComparison.Ordinal),
        "libjpeg-turbo (apt-get install libturbojpeg0)");

    private Task<PrescreenOutcome> PrescreenAsync(byte[] file) =>
        fixture.Pool.PrescreenAsync(file, TestContext.Current.CancellationToken);

    private Task<DecodeOutcome> ExactlyAsync(byte[] file) =>
        fixture.Pool.DecodeAsync(file, [PdqProfile.Full], TestContext.Current.CancellationToken);

    private async Task AssertExactAsync(PrescreenOutcome outcome, byte[] file)
    {
        var (one, other) = (Assert.IsType<PrescreenOutcome.Exact>(outcome).Outcome, await ExactlyAsync(file));
        if (one is DecodeOutcome.Decoded { Picture: var picture } && other is DecodeOutcome.Decoded { Picture: var expected })
        {
            Assert.Equal(expected.Frames, picture.Frames);
            Assert.Equal(expected with { Frames = picture.Frames }, picture);
            return;
        }

        Assert.Equal(other, one);
    }
}
