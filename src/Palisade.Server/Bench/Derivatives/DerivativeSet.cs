using System.Text.Json;

namespace Palisade.Server.Bench.Derivatives;

/// <summary>A picture of the set.</summary>
/// <param name="File">Within the set's folder.</param>
/// <param name="Original">The file of the picture that it was made from, where that is enrolled.</param>
/// <param name="Transform">How it was made; null for a picture as it was taken.</param>
/// <param name="Mask">Where it was altered, white; null where it was not, or all of it moved.</param>
internal sealed record SetPicture(string File, string? Original, string? Transform, string? Mask, double AlteredShare);

/// <summary>A set of benign pictures with altered copies: what a manifest, <c>manifest.json</c>, lists.</summary>
internal sealed class DerivativeSet
{
    private readonly string _folder;
    private readonly List<(string Query, string Other)> _sameScene = [];

    private DerivativeSet(string folder)
    {
        _folder = folder;
    }

    /// <summary>To be enrolled: first the originals, then pictures that have nothing to do with any.</summary>
    public List<SetPicture> Enrolled { get; } = [];

    /// <summary>Copies of the originals.</summary>
    public List<SetPicture> Altered { get; } = [];

    /// <summary>Copies of pictures that are not enrolled.</summary>
    public List<SetPicture> Negatives { get; } = [];

    /// <exception cref="IOException">The folder holds no such set.</exception>
    public static DerivativeSet Read(string folder)
    {
        var set = new DerivativeSet(folder);
        try
        {
            using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
            var root = manifest.RootElement;
            var originals = root.GetProperty("originals").EnumerateArray()
                .ToDictionary(one => one.GetProperty("id").GetString()!, one => one.GetProperty("file").GetString()!, StringComparer.Ordinal);
            set.Enrolled.AddRange(Pictures("originals"));
            set.Enrolled.AddRange(Pictures("distractors"));
            set.Altered.AddRange(Pictures("altered"));
            set.Negatives.AddRange(Pictures("negatives"));
            set.ReadSameScene();

            IEnumerable<SetPicture> Pictures(string kind) => root.GetProperty(kind).EnumerateArray().Select(one => new SetPicture(
                one.GetProperty("file").GetString()!,
                Text(one, "original") is { } id ? originals[id] : null,
                Text(one, "transform"),
                Text(one, "mask"),
                one.TryGetProperty("altered_share", out var share) ? share.GetDouble() : 0));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"{folder} holds no set of altered copies: its manifest.json is not of this form ({exception.Message}).", exception);
        }

        return set;
    }

    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Whether a query, or what it was made from, shows the same real place as an enrolled picture.</summary>
    public bool IsSameScene(SetPicture query, SetPicture enrolled) => _sameScene.Any(pair =>
        pair.Other == enrolled.File && (pair.Query == query.Original || query.File.StartsWith(pair.Query, StringComparison.Ordinal)));

    private static string? Text(JsonElement one, string name) =>
        one.TryGetProperty(name, out var value) ? value.GetString() : null;

    private void ReadSameScene()
    {
        var path = PathOf("same-scene.json");
        if (!File.Exists(path))
        {
            return;
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var pair in document.RootElement.GetProperty("pairs").EnumerateArray())
        {
            _sameScene.Add((pair.GetProperty("query").GetString()!, pair.GetProperty("other").GetString()!));
        }
    }
}
