using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoding;
using Palisade.Server.Demo;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Bench;

/// <summary>
/// How far a pre-screen's estimates are from exact fingerprints, over drawn pictures of many sizes, qualities and subsamplings
/// and over the JPEGs of a folder.
/// </summary>
public static class PrescreenBench
{
    // Not scaled, scaled to sides of just 1,000, and between.
    private static readonly (int Width, int Height)[] Sizes =
    [
        (512, 512), (640, 800), (1152, 864), (1999, 1600), (2000, 2000), (2001, 2999), (2600, 2400), (4000, 3000), (4099, 4001),
    ];

    // libvips halves the chroma of what is saved under 90.
    private static readonly int[] Qualities = [30, 60, 85, 95];

    private const int LargePixels = 4_000_000;

    /// <summary>What a bank asks for unless its owner says otherwise.</summary>
    private const int UsualQuality = 50;

    /// <param name="folder">Whose .jpg and .jpeg files are looked at too; null for none.</param>
    /// <param name="drawings">Pictures of each size; of the largest a fourth of that.</param>
    public static async IAsyncEnumerable<Dictionary<string, object>> RunAsync(
        string? folder, int drawings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new DecoderOptions { Workers = 1, Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles };
        await using var pool = new DecoderPool(options, TimeProvider.System, NullLogger<DecoderPool>.Instance);
        await pool.StartAsync(cancellationToken);
        if (folder is not null)
        {
            var seen = new Distances();
            foreach (var path in Directory.EnumerateFiles(folder, "*.jp*g", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                await seen.AddAsync(pool, await File.ReadAllBytesAsync(path, cancellationToken), cancellationToken);
            }

            yield return seen.Row($"prescreen, {folder}");
        }

        foreach (var (width, height) in Sizes)
        {
            var count = width * height > LargePixels ? Math.Max(1, drawings / 4) : drawings;
            var byQuality = Qualities.Select(_ => new Distances()).ToArray();
            for (var drawing = 0; drawing < count; drawing++)
            {
                var kind = BenignPictures.Kinds[drawing % BenignPictures.Kinds.Count];
                var drawn = BenignPictures.Draw(7000 + drawing, kind, width, height);
                var picture = drawing % 2 == 0 ? drawn : Alterations.Recoloured(Alterations.Mirrored(drawn));
                for (var at = 0; at < Qualities.Length; at++)
                {
                    var file = await pool.EncodeAsync(picture.Rgb, width, height, "jpeg", Qualities[at], cancellationToken);
                    await byQuality[at].AddAsync(pool, file, cancellationToken);
                }
            }

            for (var at = 0; at < Qualities.Length; at++)
            {
                yield return byQuality[at].Row($"prescreen, drawn {width}x{height}, quality {Qualities[at]}");
            }
        }
    }

    /// <summary>What was measured over one sort of pictures.</summary>
    private sealed class Distances
    {
        private readonly List<int> _bits = [];
        private int _pictures;
        private int _estimated;
        private int _beyond;
        private int _mostQuality;

        public async Task AddAsync(DecoderPool pool, byte[] file, CancellationToken cancellationToken)
        {
            _pictures++;
            if (await pool.PrescreenAsync(file, cancellationToken) is not PrescreenOutcome.Estimated { Estimate: var estimate })
            {
                return;
            }

            _estimated++;
            var exact = (DecodeOutcome.Decoded)await pool.DecodeAsync(file, [PdqProfile.Full], cancellationToken);
            var (bits, quality) = estimate.DistanceTo(exact.Picture.Frames[0].Full);
            _mostQuality = Math.Max(_mostQuality, Math.Abs(quality));

            // Of the others the exact fingerprint is asked for anyway.
            if (estimate.Quality >= UsualQuality + PictureEstimate.MarginQuality)
            {
                _bits.Add(bits);
                _beyond += bits > PictureEstimate.MarginBits ? 1 : 0;
            }
        }

        public Dictionary<string, object> Row(string name)
        {
            _bits.Sort();
            int At(double share) => _bits.Count == 0 ? 0 : _bits[(int)((_bits.Count - 1) * share)];
            return new(StringComparer.Ordinal)
            {
                ["bench"] = name,
                ["pictures"] = _pictures,
                ["estimated"] = _estimated,
                ["ofEnoughQuality"] = _bits.Count,
                ["medianBits"] = At(0.5),
                ["p90Bits"] = At(0.9),
                ["p99Bits"] = At(0.99),
                ["maxBits"] = At(1),
                ["beyondMargin"] = _beyond,
                ["maxQualityDifference"] = _mostQuality,
            };
        }
    }
}
