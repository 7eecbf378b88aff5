using System.Text.Json;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>The repository's own vectors, so that a fresh clone proves the algorithm without any other file.</summary>
public sealed class GeneratedVectorTests
{
    private sealed record Entry(
        string Pattern, int Width, int Height, int Quality, int Quality512, PdqHash Hash512, PdqHash[] Hashes);

    [Fact]
    public void Drawn_pictures_give_the_recorded_hashes_and_quality()
    {
        var entries = Read();
        var hasher = new PdqHasher();

        Assert.Equal(GeneratedPictures.All, entries.Select(entry => (entry.Pattern, entry.Width, entry.Height)));
        Assert.All(entries, entry => AssertRecorded(entry, hasher.HashRgb));
    }

    [Fact]
    public void The_plain_transcription_gives_the_recorded_hashes_and_quality() =>
        Assert.All(Read(), entry => AssertRecorded(entry, StraightPdq.Hash));

    private delegate PdqFingerprint Hasher(ReadOnlySpan<byte> rgb, int width, int height, PdqProfile profile);

    private static void AssertRecorded(Entry entry, Hasher hash)
    {
        var rgb = GeneratedPictures.Draw(entry.Pattern, entry.Width, entry.Height);

        var full = hash(rgb, entry.Width, entry.Height, PdqProfile.Full);
        var nn512 = hash(rgb, entry.Width, entry.Height, PdqProfile.Nn512);

        Assert.Equal(entry.Hashes, Enum.GetValues<Orientation>().Select(orientation => full.Hashes[orientation]));
        Assert.Equal(entry.Quality, full.Quality);
        Assert.Equal(entry.Hash512, nn512.Hash);
        Assert.Equal(entry.Quality512, nn512.Quality);
    }

    private static List<Entry> Read()
    {
        using var file = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "pdq", "generated.json")));
        return file.RootElement.GetProperty("entries").EnumerateArray().Select(entry => new Entry(
            entry.GetProperty("pattern").GetString()!,
            entry.GetProperty("width").GetInt32(),
            entry.GetProperty("height").GetInt32(),
            entry.GetProperty("quality").GetInt32(),
            entry.GetProperty("quality512").GetInt32(),
            PdqHash.Parse(entry.GetProperty("hash512").GetString()),
            entry.GetProperty("hashes").EnumerateArray().Select(hash => PdqHash.Parse(hash.GetString())).ToArray()))
            .ToList();
    }
}
