using System.Text.Json;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>The published pictures of the PDQ reference, by the published pass rule.</summary>
public sealed class PdqConformanceTests
{
    [Theory]
    [InlineData(PdqProfile.Full)]
    [InlineData(PdqProfile.Nn512)]
    public void Lossless_pictures_give_the_published_hash_and_quality(PdqProfile profile)
    {
        var entries = PublishedPictures.Read().Where(entry => entry.IsLossless).ToList();

        var faults = entries.SelectMany(entry => Compare(entry, profile, mostBits: 0, mostQuality: 0));

        Assert.Empty(faults);
        Assert.Equal(17, entries.Count);
    }

    [Theory]
    [InlineData(PdqProfile.Full)]
    [InlineData(PdqProfile.Nn512)]
    public void Photos_give_the_published_hash_within_ten_bits_and_quality_within_two(PdqProfile profile)
    {
        var entries = PublishedPictures.Read().Where(entry => !entry.IsLossless).ToList();

        var faults = entries.SelectMany(entry => Compare(entry, profile, mostBits: 10, mostQuality: 2));

        Assert.Empty(faults);
        Assert.Equal(29, entries.Count);
    }

    [Fact]
    public void Every_orientation_gives_the_published_hash()
    {
        var faults = PublishedPictures.Read().Where(entry => entry.CompareHash).SelectMany(entry =>
        {
            var fingerprint = Hash(entry, PdqProfile.Full);
            return Enum.GetValues<Orientation>()
                .Select(o => (entry.File, o, Distance: fingerprint.Hashes[o].DistanceTo(entry.HashOf(o))))
                .Where(fault => fault.Distance > (entry.IsLossless ? 0 : 10));
        });

        Assert.Empty(faults);
    }

    [Fact]
    public void The_published_steps_between_pixels_and_hash_are_met()
    {
        var folder = Conformance.Folder("pdq");
        using var steps = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(folder, "intermediate-blobs-127x129.json")));
        var picture = DecodedPicture.Read(Path.Combine(folder, "lossless", "blobs-127x129.png"));
        var decimator = new BoxDecimator(Transposition.IsSupported);
        var coefficients = new float[256];

        decimator.Begin(picture.Width, picture.Height);
        for (var row = 0; row < picture.Height; row++)
        {
            var rgb = picture.Rgb.AsSpan(row * picture.Width * 3, picture.Width * 3);
            Luma.From(rgb, PixelForm.Rgb, decimator.NextRow, useVectors: false);
            decimator.EndRow();
        }

        PdqTransform.Transform(decimator.Samples, coefficients);

        // Seven decimals are published.
        AssertClose(Floats(steps.RootElement.GetProperty("buffer64")), decimator.Samples, 1e-4f);
        AssertClose(Floats(steps.RootElement.GetProperty("dct16")), coefficients, 1e-3f);
        Assert.Equal(steps.RootElement.GetProperty("median").GetSingle(), coefficients.Order().ElementAt(127), 1e-4f);
    }

    private static IEnumerable<string> Compare(
        PublishedPictures.Entry entry, PdqProfile profile, int mostBits, int mostQuality)
    {
        var fingerprint = Hash(entry, profile);
        if (Math.Abs(fingerprint.Quality - entry.QualityOf(profile)) > mostQuality)
        {
            yield return $"{entry.File}: quality {fingerprint.Quality}, published {entry.QualityOf(profile)}";
        }

        var distance = fingerprint.Hash.DistanceTo(entry.HashOf(profile));
        if (entry.CompareHash && distance > mostBits)
        {
            yield return $"{entry.File}: {distance} bits from the published hash";
        }
    }

    private static PdqFingerprint Hash(PublishedPictures.Entry entry, PdqProfile profile)
    {
        var picture = DecodedPicture.Read(Path.Combine(Conformance.Folder("pdq"), entry.File));
        return new PdqHasher().HashRgb(picture.Rgb, picture.Width, picture.Height, profile);
    }

    private static float[] Floats(JsonElement rows) =>
        rows.EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetSingle()).ToArray();

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var at = 0; at < expected.Length; at++)
        {
            Assert.Equal(expected[at], actual[at], tolerance);
        }
    }
}
