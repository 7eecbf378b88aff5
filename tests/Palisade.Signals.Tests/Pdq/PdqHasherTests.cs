using CsCheck;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests.Pdq;

public sealed class PdqHasherTests
{
    private sealed record Picture(byte[] Rgb, int Width, int Height);

    // Sides around the filter's corners: under a vector, one sample a window, two, many, and over 512.
    private static readonly Gen<int> Side = Gen.OneOf(
        Gen.Int[1, 12], Gen.Int[13, 140], Gen.Int[141, 300], Gen.Int[500, 540],
        Gen.Const(64), Gen.Const(128), Gen.Const(1030));

    private static readonly Gen<Picture> Pictures =
        from width in Side
        from height in Side
        from seed in Gen.UInt
        from smoothness in Gen.Int[0, 3]
        select Draw(width, height, seed, smoothness);

    [Fact]
    public void Every_picture_gives_the_bits_and_quality_of_the_plain_transcription_in_both_profiles()
    {
        var (vectors, rows) = (new PdqHasher(Transposition.IsSupported), new PdqHasher(useVectors: false));

        Pictures.Sample(
            picture =>
            {
                foreach (var profile in Enum.GetValues<PdqProfile>())
                {
                    var expected = StraightPdq.Hash(picture.Rgb, picture.Width, picture.Height, profile);
                    Assert.Equal(expected, vectors.HashRgb(picture.Rgb, picture.Width, picture.Height, profile));
                    Assert.Equal(expected, rows.HashRgb(picture.Rgb, picture.Width, picture.Height, profile));
                }
            },
            iter: 120,
            threads: 1,
            print: picture => $"{picture.Width} x {picture.Height}");
    }

    [Theory]
    [InlineData(1, 1030)]
    [InlineData(1030, 1)]
    [InlineData(1, 1)]
    public void A_line_of_pixels_has_the_quality_of_a_picture_that_nothing_can_be_told_of(int width, int height)
    {
        var picture = Draw(width, height, seed: 1, smoothness: 0);
        var pair = new PdqPairHasher();
        pair.Begin(width, height);
        pair.AddRgbRows(picture.Rgb);

        Assert.Equal(StraightPdq.Hash(picture.Rgb, width, height, PdqProfile.Full), pair.Finish().Full);
        Assert.Equal(
            StraightPdq.Hash(picture.Rgb, width, height, PdqProfile.Nn512),
            new PdqHasher().HashRgb(picture.Rgb, width, height, PdqProfile.Nn512));
    }

    [Fact]
    public void Blurred_samples_are_the_plain_transcriptions_to_the_last_bit_with_vectors_and_without()
    {
        Pictures.Sample(
            picture =>
            {
                var luma = new float[picture.Height, picture.Width];
                for (var at = 0; at < luma.Length; at++)
                {
                    luma[at / picture.Width, at % picture.Width] = picture.Rgb[3 * at] * 0.77f;
                }

                var expected = StraightPdq.Decimate(luma).Cast<float>().ToArray();
                Assert.Equal(expected, Decimate(luma, useVectors: false));
                Assert.Equal(expected, Decimate(luma, Transposition.IsSupported));
            },
            iter: 60,
            threads: 1,
            print: picture => $"{picture.Width} x {picture.Height}");
    }

    [Fact]
    public void Luma_is_the_same_with_vectors_and_without()
    {
        (from pixels in Gen.Int[0, 70] from rgb in Gen.Byte.Array[3 * pixels] select rgb).Sample(rgb =>
        {
            var (vectors, singles) = (new float[rgb.Length / 3], new float[rgb.Length / 3]);
            Luma.From(rgb, PixelForm.Rgb, vectors, Transposition.IsSupported);
            Luma.From(rgb, PixelForm.Rgb, singles, useVectors: false);
            Assert.Equal(singles, vectors);
        });
    }

    [Fact]
    public void One_pass_for_both_profiles_gives_what_two_passes_give()
    {
        var pair = new PdqPairHasher();
        var hasher = new PdqHasher();

        Pictures.Sample(
            picture =>
            {
                pair.Begin(picture.Width, picture.Height);
                pair.AddRgbRows(picture.Rgb);
                var both = pair.Finish();

                Assert.Equal(hasher.HashRgb(picture.Rgb, picture.Width, picture.Height), both.Full);
                Assert.Equal(hasher.HashRgb(picture.Rgb, picture.Width, picture.Height, PdqProfile.Nn512), both.Nn512);
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public void Rows_may_come_in_any_portions()
    {
        var picture = Draw(77, 601, 5, 1);
        var hasher = new PdqHasher();
        var whole = hasher.HashRgb(picture.Rgb, picture.Width, picture.Height);

        hasher.Begin(picture.Width, picture.Height, PdqProfile.Full);
        var rowBytes = picture.Width * 3;
        for (int row = 0, portion = 0; row < picture.Height; row += portion)
        {
            portion = Math.Min(1 + (row * 7 % 13), picture.Height - row);
            hasher.AddRgbRows(picture.Rgb.AsSpan(row * rowBytes, portion * rowBytes));
        }

        Assert.Equal(whole, hasher.Finish());
    }

    [Fact]
    public void A_grey_picture_gives_the_same_hash_as_its_grey_rgb()
    {
        var grey = Enumerable.Range(0, 200 * 140).Select(at => (byte)((at % 200) + (at / 200 / 3))).ToArray();
        var rgb = grey.SelectMany(value => new[] { value, value, value }).ToArray();
        var hasher = new PdqHasher();
        var expected = hasher.HashRgb(rgb, 200, 140);

        hasher.Begin(200, 140, PdqProfile.Full);
        hasher.AddLumaRows(grey);
        var fingerprint = hasher.Finish();

        // The three weights add up to one only nearly, which is why this is not exact.
        Assert.InRange(fingerprint.Hash.DistanceTo(expected.Hash), 0, 2);
        Assert.Equal(expected.Quality, fingerprint.Quality);
    }

    [Theory]
    [InlineData(4, 400)]
    [InlineData(400, 4)]
    [InlineData(1, 1)]
    public void A_picture_with_a_side_under_five_pixels_gives_the_zero_hash_of_no_quality(int width, int height)
    {
        var fingerprint = new PdqHasher().HashRgb(Draw(width, height, 1, 0).Rgb, width, height);

        Assert.Equal(default, fingerprint);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, -1)]
    public void A_picture_without_pixels_is_refused(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PdqHasher().Begin(width, height, PdqProfile.Full));

    [Fact]
    public void Broken_rows_and_too_many_rows_are_refused()
    {
        var hasher = new PdqHasher();
        hasher.Begin(10, 2, PdqProfile.Full);

        Assert.Throws<ArgumentException>(() => hasher.AddRgbRows(new byte[29]));
        Assert.Throws<ArgumentException>(() => hasher.AddRgbRows(new byte[90]));
    }

    [Fact]
    public void A_picture_cannot_be_finished_while_rows_are_missing()
    {
        var hasher = new PdqHasher();
        hasher.Begin(10, 2, PdqProfile.Full);
        hasher.AddRgbRows(new byte[30]);

        Assert.Throws<InvalidOperationException>(() => hasher.Finish());
    }

    [Fact]
    public void A_hasher_allocates_nothing_for_another_picture_of_the_same_size()
    {
        var picture = Draw(700, 600, 3, 1);
        var hasher = new PdqPairHasher();

        var allocated = Allocations.Of(Hash);

        Assert.Equal(0, allocated);

        void Hash()
        {
            hasher.Begin(picture.Width, picture.Height);
            hasher.AddRgbRows(picture.Rgb);
            hasher.Finish();
        }
    }

    private static float[] Decimate(float[,] luma, bool useVectors)
    {
        var decimator = new BoxDecimator(useVectors);
        decimator.Begin(luma.GetLength(1), luma.GetLength(0));
        for (var row = 0; row < luma.GetLength(0); row++)
        {
            var target = decimator.NextRow;
            for (var column = 0; column < target.Length; column++)
            {
                target[column] = luma[row, column];
            }

            decimator.EndRow();
        }

        return decimator.Samples.ToArray();
    }

    /// <summary>Noise in squares: from single pixels to a few large patches.</summary>
    private static Picture Draw(int width, int height, uint seed, int smoothness)
    {
        var rgb = new byte[width * height * 3];
        for (var at = 0; at < rgb.Length; at++)
        {
            var (x, y) = (at / 3 % width >> (2 * smoothness), at / 3 / width >> (2 * smoothness));
            rgb[at] = (byte)((((uint)x * 2654435761u) ^ ((uint)y * 2246822519u) ^ (seed * (uint)((at % 3) + 1))) >> 13);
        }

        return new Picture(rgb, width, height);
    }
}
