using Palisade.Signals.Pdq;

namespace Palisade.Signals.Bench;

/// <summary>Pixels to hash, beside the reference where its executable is named.</summary>
/// <remarks>
/// The peer is called as FILE WIDTH HEIGHT rgb|luma full|nn512 REPEATS with a file of packed bytes, and prints
/// hash,quality,microseconds: the median processor time of one hash.
/// </remarks>
internal static class PdqBench
{
    public static IEnumerable<Dictionary<string, object>> Run(Options options)
    {
        if (options.Size is { } size)
        {
            yield return Time("rgb", size.Width, size.Height, options.Peer);
            yield return Time("luma", size.Width, size.Height, options.Peer);
            yield break;
        }

        yield return Time("luma", 512, 512, options.Peer);
        yield return Time("upright", 512, 512, options.Peer);
        yield return TimeMany();
        yield return Time("rgb", 1024, 1024, options.Peer);
        yield return Time("rgb", 4000, 3000, options.Peer);
        yield return Time("pair", 1024, 1024, null);
        yield return Time("pair", 4000, 3000, null);
    }

    private static Dictionary<string, object> Time(string kind, int width, int height, string? peer)
    {
        var bands = kind is "luma" or "upright" ? 1 : 3;
        var pixels = Pictures.Draw(width, height, bands);
        var hasher = new PdqHasher();
        var pair = new PdqPairHasher();
        Func<(PdqHash Hash, int Quality)> hash = kind switch
        {
            "luma" => () => Fields(hasher.HashLuma(pixels, width, height)),
            "upright" => () => hasher.HashUprightLuma(pixels, width, height),
            "rgb" => () => Fields(hasher.HashRgb(pixels, width, height)),
            _ => () =>
            {
                pair.Begin(width, height);
                pair.AddRgbRows(pixels);
                return Fields(pair.Finish().Full);
            }
            ,
        };

        // Long enough for the clock, whatever the size.
        var inner = Math.Max(1, 400_000 / (width * height) * 100);
        for (var at = 0; at < 20 && inner > 1; at++)
        {
            hash();
        }

        var result = hash();
        var seconds = Processor.Median(15, () =>
        {
            for (var at = 0; at < inner; at++)
            {
                hash();
            }
        }) / inner;

        var row = new Dictionary<string, object>
        {
            ["bench"] = $"pdq {kind} {width}x{height}",
            ["microseconds"] = Math.Round(seconds * 1e6, 2),
            ["hash"] = result.Hash.ToString(),
            ["quality"] = result.Quality,
        };
        if (peer is not null)
        {
            AddPeer(row, peer, pixels, width, height, bands, seconds);
        }

        return row;
    }

    /// <summary>Many unlike pictures, each hashed repeatedly as the peer does: what a picture holds may cost more.</summary>
    private static Dictionary<string, object> TimeMany()
    {
        const int Repeats = 20;
        var pictures = Enumerable.Range(0, 200).Select(seed => Pictures.DrawScene(512, 512, seed)).ToArray();
        var hasher = new PdqHasher();
        double Mean(Action<byte[]> hash)
        {
            var seconds = pictures.Select(picture => Processor.Median(3, () =>
            {
                for (var at = 0; at < Repeats; at++)
                {
                    hash(picture);
                }
            }) / Repeats).ToArray();
            return Math.Round(seconds.Average() * 1e6, 2);
        }

        // The first rounds warm up.
        Mean(picture => hasher.HashUprightLuma(picture, 512, 512));
        Mean(picture => hasher.HashLuma(picture, 512, 512));
        return new()
        {
            ["bench"] = "pdq luma 512x512, mean of 200 drawn scenes",
            ["microseconds"] = Mean(picture => hasher.HashLuma(picture, 512, 512)),
            ["uprightMicroseconds"] = Mean(picture => hasher.HashUprightLuma(picture, 512, 512)),
        };
    }

    private static void AddPeer(
        Dictionary<string, object> row, string peer, byte[] pixels, int width, int height, int bands, double seconds)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, pixels);
            var repeats = width * height > 4_000_000 ? "5" : "15";
            var answer = Processor.AskPeer(
                peer, file, $"{width}", $"{height}", bands == 1 ? "luma" : "rgb", "full", repeats);
            row["peerMicroseconds"] = Processor.Number(answer[2]);
            row["ratio"] = Math.Round(Processor.Number(answer[2]) / (seconds * 1e6), 1);
            row["same"] = answer[0] == (string)row["hash"] && answer[1] == $"{row["quality"]}";
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static (PdqHash Hash, int Quality) Fields(PdqFingerprint fingerprint) =>
        (fingerprint.Hash, fingerprint.Quality);
}
