using System.Text.Json;
using Palisade.Decoding;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>Every published picture through the real worker, by the pass rule that is published with it.</summary>
public sealed class ConformanceTests(PoolFixture fixture)
{
    [Fact]
    public async Task Every_lossless_picture_has_exactly_the_published_hashes_in_both_profiles()
    {
        foreach (var entry in Entries("lossless/"))
        {
            var frame = await FingerprintAsync(entry);

            Assert.Equal(entry.Quality, frame.Full.Quality);
            Assert.Equal(entry.Quality512, frame.Nn512!.Value.Quality);
            if (!entry.CompareHash)
            {
                continue;
            }

            Assert.Equal(entry.Hash, frame.Full.Hash);
            Assert.Equal(entry.Hash512, frame.Nn512!.Value.Hash);
            Assert.Equal(entry.Dihedral, Enumerable.Range(0, 8).Select(i => frame.Full.Hashes[(Orientation)i]));
        }
    }

    [Fact]
    public async Task Every_photo_is_within_ten_bits_of_the_published_hashes_in_both_profiles()
    {
        foreach (var entry in Entries("photos/"))
        {
            var frame = await FingerprintAsync(entry);

            AssertClose(entry, entry.Hash, entry.Quality, frame.Full);
            AssertClose(entry, entry.Hash512, entry.Quality512, frame.Nn512!.Value);
        }
    }

    [Fact]
    public async Task A_picture_of_double_size_is_sampled_to_the_eight_hashes_of_the_picture_itself()
    {
        const int side = 512;
        var rgb = Drawing.Rgb(5, side, side);
        var doubled = new byte[rgb.Length * 4];
        for (var i = 0; i < doubled.Length / 3; i++)
        {
            var (x, y) = (i % (2 * side) / 2, i / (2 * side) / 2);
            rgb.AsSpan(((y * side) + x) * 3, 3).CopyTo(doubled.AsSpan(i * 3));
        }

        var itself = await FingerprintAsync(rgb, side);
        var larger = await FingerprintAsync(doubled, 2 * side);

        Assert.Equal(itself.Full, larger.Nn512!.Value);
        Assert.Equal(8, Enumerable.Range(0, 8).Select(i => larger.Nn512!.Value.Hashes[(Orientation)i]).Distinct().Count());
    }

    private async Task<FrameFingerprint> FingerprintAsync(byte[] rgb, int side)
    {
        var file = await fixture.Pool.EncodeAsync(rgb, side, side, "png", 1, TestContext.Current.CancellationToken);
        var outcome = await fixture.Pool.DecodeAsync(file, TestContext.Current.CancellationToken);
        return Assert.Single(Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture.Frames);
    }

    private static void AssertClose(Entry entry, PdqHash hash, int quality, PdqFingerprint fingerprint)
    {
        if (!entry.CompareHash)
        {
            Assert.Equal(0, fingerprint.Quality);
            return;
        }

        var distance = hash.DistanceTo(fingerprint.Hash);
        TestContext.Current.SendDiagnosticMessage($"{entry.File}: {distance} bits, quality {fingerprint.Quality} for {quality}");
        if (quality >= 80)
        {
            Assert.True(distance <= 10, $"{entry.File} is {distance} bits away.");
            Assert.InRange(fingerprint.Quality, quality - 2, quality + 2);
        }
        else
        {
            Assert.True(distance <= 10, $"{entry.File} is {distance} bits away.");
        }
    }

    private async Task<FrameFingerprint> FingerprintAsync(Entry entry)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Conformance.Folder("pdq"), entry.File));

        var outcome = await fixture.Pool.DecodeAsync(bytes, TestContext.Current.CancellationToken);

        var picture = Assert.IsType<DecodeOutcome.Decoded>(outcome).Picture;
        Assert.Equal((entry.Width, entry.Height), (picture.Width, picture.Height));
        return Assert.Single(picture.Frames);
    }

    private static List<Entry> Entries(string folder)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Conformance.Folder("pdq"), "manifest.json")));
        var entries = manifest.RootElement.GetProperty("entries").EnumerateArray()
            .Where(entry => entry.GetProperty("file").GetString()!.StartsWith(folder, StringComparison.Ordinal))
            .Select(Entry.Read).ToList();
        Assert.NotEmpty(entries);
        return entries;
    }

    private sealed record Entry(
        string File, int Width, int Height, PdqHash Hash, int Quality, PdqHash Hash512, int Quality512, bool CompareHash,
        IReadOnlyList<PdqHash> Dihedral)
    {
        public static Entry Read(JsonElement json) => new(
            json.GetProperty("file").GetString()!,
            json.GetProperty("width").GetInt32(),
            json.GetProperty("height").GetInt32(),
            PdqHash.Parse(json.GetProperty("hash").GetString()),
            json.GetProperty("quality").GetInt32(),
            PdqHash.Parse(json.GetProperty("hash_512").GetString()),
            json.GetProperty("quality_512").GetInt32(),
            json.GetProperty("compare_hash").GetBoolean(),
            json.TryGetProperty("dihedral", out var dihedral) ? [.. Hashes(dihedral)] : []);

        private static IEnumerable<PdqHash> Hashes(JsonElement dihedral) => dihedral.ValueKind == JsonValueKind.Array
            ? dihedral.EnumerateArray().Select(hash => PdqHash.Parse(hash.GetString()))
            : dihedral.EnumerateObject().Select(named => PdqHash.Parse(named.Value.GetString()));
    }
}
