using System.Text.Json;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Signals.Tests.Pdq;

/// <summary>The entries of the published conformance manifest.</summary>
internal static class PublishedPictures
{
    public sealed record Entry(
        string File,
        string Hash,
        int Quality,
        string Hash512,
        int Quality512,
        IReadOnlyDictionary<string, string> Dihedral,
        bool CompareHash)
    {
        public bool IsLossless => File.StartsWith("lossless/", StringComparison.Ordinal);

        public PdqHash HashOf(PdqProfile profile) => PdqHash.Parse(profile == PdqProfile.Full ? Hash : Hash512);

        public int QualityOf(PdqProfile profile) => profile == PdqProfile.Full ? Quality : Quality512;

        public PdqHash HashOf(Orientation orientation) => PdqHash.Parse(Dihedral[orientation switch
        {
            Orientation.FlipX => "flip_x",
            Orientation.FlipY => "flip_y",
            Orientation.FlipPlus1 => "flip_plus1",
            Orientation.FlipMinus1 => "flip_minus1",
            _ => orientation.ToString().ToLowerInvariant(),
        }]);
    }

    public static IReadOnlyList<Entry> Read()
    {
        using var manifest = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Conformance.Folder("pdq"), "manifest.json")));
        return manifest.RootElement.GetProperty("entries").EnumerateArray().Select(Read).ToList();
    }

    private static Entry Read(JsonElement entry) => new(
        entry.GetProperty("file").GetString()!,
        entry.GetProperty("hash").GetString()!,
        entry.GetProperty("quality").GetInt32(),
        entry.GetProperty("hash_512").GetString()!,
        entry.GetProperty("quality_512").GetInt32(),
        entry.GetProperty("dihedral").Deserialize<Dictionary<string, string>>()!,
        entry.GetProperty("compare_hash").GetBoolean());
}
