using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>The quick samples of 512 x 512 bytes of luma against every step in the reference's order.</summary>
public sealed class ByteBlurTests
{
    private const int Side = ByteBlur.PictureSide;

    /// <summary>tests/long/pdq-million.sh sets a larger number, and another seed to begin with.</summary>
    private static readonly int Pictures = Setting("PALISADE_PDQ_PICTURES", 10_000);

    private static readonly int FirstSeed = Setting("PALISADE_PDQ_SEED", 1);

    [Fact]
    public void Thousands_of_drawn_pictures_give_the_hash_and_quality_of_the_references_order()
    {
        var hasher = new PdqHasher();
        var luma = new byte[Side * Side];

        for (var picture = 0; picture < Pictures; picture++)
        {
            LumaPictures.Draw(luma, FirstSeed + picture);
            var ordered = Ordered(luma);
            Assert.True(ordered == hasher.HashLuma(luma, Side, Side), $"seed {FirstSeed + picture}");
            Assert.True((ordered.Hash, ordered.Quality) == hasher.HashUprightLuma(luma, Side, Side),
                $"seed {FirstSeed + picture}, upright");
        }
    }

    [Fact]
    public void Samples_made_from_bytes_are_the_references_to_the_last_bit()
    {
        Assert.SkipUnless(ByteBlur.IsSupported, "needs AVX2");
        var luma = new byte[Side * Side];
        var samples = new float[64 * 64];
        var blur = new ByteBlur();

        for (var seed = 0; seed < 400; seed++)
        {
            LumaPictures.Draw(luma, seed);
            blur.Blur(luma, samples);

            Assert.Equal(Samples(luma), samples);
        }
    }

    [Fact]
    public void Residues_of_rounding_are_followed_into_brighter_parts()
    {
        Assert.SkipUnless(ByteBlur.IsSupported, "needs AVX2");
        var luma = new byte[Side * Side];
        var samples = new float[64 * 64];
        var blur = new ByteBlur();

        for (var seed = 0; seed < 300; seed++)
        {
            LumaPictures.DrawBrightening(luma, seed);
            blur.Blur(luma, samples);

            Assert.Equal(Samples(luma), samples);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    public void Black_and_white_stripes_of_every_width_give_the_references_samples(byte first)
    {
        Assert.SkipUnless(ByteBlur.IsSupported, "needs AVX2");
        var luma = new byte[Side * Side];
        var samples = new float[64 * 64];
        var blur = new ByteBlur();

        for (var width = 1; width <= Side; width++)
        {
            for (var at = 0; at < luma.Length; at++)
            {
                luma[at] = (((at % Side) + (width % 3 * at / Side)) / width % 2) == 0 ? first : (byte)(255 - first);
            }

            blur.Blur(luma, samples);
            Assert.Equal(Samples(luma), samples);
        }
    }

    [Fact]
    public void Every_width_of_vector_gives_the_products_of_the_plain_loops()
    {
        var random = new Random(4);
        var left = Enumerable.Range(0, 64 * 16).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var right = Enumerable.Range(0, 64 * 64).Select(_ => random.NextSingle() * 255).ToArray();
        var (by256, by512, plain) = (new float[16 * 64], new float[16 * 64], new float[16 * 64]);

        for (var i = 0; i < 16; i++)
        {
            for (var j = 0; j < 64; j++)
            {
                for (var k = 0; k < 64; k++)
                {
                    plain[(i * 64) + j] += left[(k * 16) + i] * right[(k * 64) + j];
                }
            }
        }

        for (var i = 0; i < 16; i += 4)
        {
            for (var j = 0; j < 64; j += 16)
            {
                Products.MultiplyBlock256(ref left[i], 1, 16, ref right[j], 64, ref by256[(i * 64) + j]);
                Products.MultiplyBlock512(ref left[i], 1, 16, ref right[j], 64, ref by512[(i * 64) + j]);
            }
        }

        Assert.Equal(plain, by256);
        Assert.Equal(plain, by512);
    }

    [Fact]
    public void The_quick_division_rounds_like_a_division_for_every_divisor_and_significand()
    {
        var dividends = new float[8];
        for (var divisor = 1; divisor <= RoundedDivision.Largest; divisor++)
        {
            var division = new RoundedDivision(divisor);
            var plain = Vector256.Create((float)divisor);
            var unlike = Vector256<float>.Zero;
            var dividend = Vector256.Create(0x3F80_0000) +
                Vector256<int>.Indices;

            // Without the fused operation both sides divide: a few significands then say as much as all.
            var end = Fma.IsSupported ? 1 << 23 : 1 << 10;
            for (var significand = 0; significand < end; significand += 8)
            {
                var number = dividend.AsSingle();
                unlike += Vector256.Abs(division.Divide(number) - (number / plain));
                dividend += Vector256.Create(8);
            }

            unlike.CopyTo(dividends);
            Assert.All(dividends, difference => Assert.Equal(0, difference));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(90)]
    [InlineData(255)]
    public void A_picture_of_one_shade_has_no_quality_and_the_references_hash(byte shade)
    {
        var luma = new byte[Side * Side];
        luma.AsSpan().Fill(shade);

        var fingerprint = new PdqHasher().HashLuma(luma, Side, Side);

        Assert.Equal(0, fingerprint.Quality);
        Assert.Equal(Ordered(luma), fingerprint);
    }

    [Fact]
    public void Rows_of_luma_and_of_colour_may_follow_one_another()
    {
        var luma = new byte[Side * Side];
        LumaPictures.Draw(luma, 5);
        var (hasher, ordered) = (new PdqHasher(), new PdqHasher(useVectors: false));
        var colour = luma.SelectMany(value => new[] { value, value, value }).ToArray();
        const int Grey = 200 * Side;

        foreach (var each in new[] { hasher, ordered })
        {
            each.Begin(Side, Side, PdqProfile.Full);
            each.AddLumaRows(luma.AsSpan(0, Grey));
            each.AddRgbRows(colour.AsSpan(Grey * 3));
        }

        Assert.Equal(ordered.Finish(), hasher.Finish());
    }

    [Theory]
    [InlineData(1030, 700)]
    [InlineData(40, 900)]
    [InlineData(3000, 20)]
    public void A_larger_grey_picture_sampled_to_512_gives_the_hash_of_its_samples(int width, int height)
    {
        var luma = new byte[width * height];
        new Random(width).NextBytes(luma);
        var sampled = new byte[Side * Side];
        for (var at = 0; at < sampled.Length; at++)
        {
            sampled[at] = luma[(at / Side * height / Side * width) + (at % Side * width / Side)];
        }

        var pair = new PdqPairHasher();
        pair.Begin(width, height);
        pair.AddLumaRows(luma);

        Assert.Equal(Ordered(sampled), new PdqHasher().HashLuma(luma, width, height, PdqProfile.Nn512));
        Assert.Equal(Ordered(sampled), pair.Finish().Nn512);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;

    [ThreadStatic]
    private static BoxDecimator? _decimator;

    private static PdqFingerprint Ordered(byte[] luma) => PdqTransform.Fingerprint(Samples(luma));

    private static float[] Samples(byte[] luma)
    {
        var decimator = _decimator ??= new BoxDecimator(Transposition.IsSupported);
        decimator.Begin(Side, Side);
        for (var row = 0; row < Side; row++)
        {
            Luma.From(luma.AsSpan(row * Side, Side), PixelForm.Grey, decimator.NextRow, Transposition.IsSupported);
            decimator.EndRow();
        }

        return decimator.Samples.ToArray();
    }
}
