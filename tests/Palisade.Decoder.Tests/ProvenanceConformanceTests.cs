using System.Text.Json;
using Palisade.Provenance;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Decoder.Tests;

/// <summary>Every file of the published provenance set through the real worker.</summary>
public sealed class ProvenanceConformanceTests(PoolFixture fixture)
{
    [Fact]
    public async Task Every_published_file_is_read_as_published_without_a_trust_list() =>
        await ReadAllAsync(TrustList.Empty, "state");

    [Fact]
    public async Task Every_published_file_is_read_as_published_with_the_test_anchor() =>
        await ReadAllAsync(
            TrustList.Read(Path.Combine(Conformance.Folder("provenance"), "trust", "c2pa-rs-test-roots.pem"), null),
            "stateWithTestAnchor");

    private async Task ReadAllAsync(TrustList trust, string state)
    {
        var folder = Conformance.Folder("provenance");
        using var manifest = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json"), TestContext.Current.CancellationToken));
        var reader = new OriginReader(fixture.Pool, trust, TimeProvider.System);
        var faults = new List<string>();
        var count = 0;
        foreach (var entry in manifest.RootElement.GetProperty("files").EnumerateArray())
        {
            var name = entry.GetProperty("file").GetString()!;
            var file = await File.ReadAllBytesAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);
            var origin = await reader.ReadAsync(file, withPixels: true, TestContext.Current.CancellationToken);
            faults.AddRange(Differences(entry.GetProperty("expect"), origin, state).Select(fault => $"{name}: {fault}"));
            count++;
        }

        Assert.Equal(54, count);
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    private static IEnumerable<string> Differences(JsonElement expected, Origin? origin, string stateName)
    {
        if (origin is null)
        {
            return ["it was not read"];
        }

        var hasC2pa = expected.TryGetProperty("c2pa", out var c2pa);
        var state = hasC2pa && (c2pa.TryGetProperty(stateName, out var named) || c2pa.TryGetProperty("state", out named))
            ? named.GetString() : "not-embedded";
        var strength = expected.GetProperty("strength").GetString();
        if (state == "Trusted")
        {
            strength = "signed-trusted";
        }

        var failures = hasC2pa && c2pa.TryGetProperty("failures", out var codes)
            ? codes.EnumerateArray().Select(code => code.GetString()!).ToList() : [];
        return new[]
        {
            Differs("declared", expected.GetProperty("declared").GetString(), Words.Of(origin.Declared)),
            Differs("strength", strength, Words.Of(origin.Strength)),
            Differs("localEdit", expected.GetProperty("localEdit").GetBoolean(), origin.LocalEdit),
            Differs("faceSwap", expected.TryGetProperty("faceSwap", out var swap) && swap.GetBoolean(), origin.FaceSwap),

            // Of signed files the set names the program now with its version and now without.
            hasC2pa ? null : Differs("tool", expected.GetProperty("tool").GetString(), origin.Tool),
            Differs("state", state, OriginWords.Of(origin.C2pa?.State ?? default)),
            Missing("mechanism", expected.GetProperty("mechanisms").EnumerateArray().Select(m => m.GetString()!), origin.Mechanisms),
            Missing("failure", failures, origin.C2pa?.Failures ?? []),
        }.OfType<string>();
    }

    private static string? Differs<T>(string what, T expected, T actual) =>
        Equals(expected, actual) ? null : $"{what} is {actual}, not {expected}";

    private static string? Missing(string what, IEnumerable<string> expected, IReadOnlyList<string> actual)
    {
        var missing = expected.Except(actual, StringComparer.Ordinal).ToList();
        return missing.Count == 0 ? null : $"{what} {string.Join(", ", missing)} is missing among {string.Join(", ", actual)}";
    }
}
