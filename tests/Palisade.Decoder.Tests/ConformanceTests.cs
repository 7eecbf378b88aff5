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
            Assert.Equal(entry.Quality512, frame.Nn512.Quality);
            if (!entry.CompareHash)
            {
                continue;
            }

            Assert.Equal(entry.Hash, frame.Full.Hash);
            Assert.Equal(entry.Hash512, frame.Nn512.Hash);
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
            AssertClose(entry, entry.Hash512, entry.Quality512, frame.Nn512);
        }
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
