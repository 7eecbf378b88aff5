using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoding;
using Palisade.Server.Demo;
using Palisade.Signals.Bench;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Bench;

/// <summary>JPEG to PDQ, as a worker does it: the processor time of its process for each file.</summary>
/// <remarks>
/// What /proc counts has steps of a hundredth of a second, so that many files go into one figure. A peer is called with one
/// file at a time; the ratio is that of the means.
/// </remarks>
public static class JpegBench
{
    private static readonly (string Name, int Width, int Height, int Quality, int Files, int Rounds)[] Kinds =
    [
        ("jpeg 1 MP, 4:4:4", 1152, 864, 92, 16, 24),
        ("jpeg 1 MP, 4:2:0", 1152, 864, 85, 16, 24),
        ("jpeg 12 MP, 4:2:0", 4000, 3000, 88, 4, 8),
    ];

    public static async IAsyncEnumerable<Dictionary<string, object>> RunAsync(
        string? peer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new DecoderOptions { Workers = 1, Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles };
        await using var pool = new DecoderPool(options, TimeProvider.System, NullLogger<DecoderPool>.Instance);
        await pool.StartAsync(cancellationToken);
        foreach (var (name, width, height, quality, count, rounds) in Kinds)
        {
            var files = new List<byte[]>();
            for (var drawing = 0; drawing < count; drawing++)
            {
                var kind = BenignPictures.Kinds[drawing % BenignPictures.Kinds.Count];
                var drawn = BenignPictures.Draw(1000 + drawing, kind, width, height);
                files.Add(await pool.EncodeAsync(drawn.Rgb, width, height, "jpeg", quality, cancellationToken));
            }

            foreach (var profiles in new PdqProfile[][] { [PdqProfile.Full], [PdqProfile.Full, PdqProfile.Nn512] })
            {
                yield return await TimeAsync(pool, name, files, profiles, rounds, peer, cancellationToken);
            }
        }
    }

    private static async Task<Dictionary<string, object>> TimeAsync(
        DecoderPool pool, string name, List<byte[]> files, PdqProfile[] profiles, int rounds, string? peer,
        CancellationToken cancellationToken)
    {
        await RoundAsync();
        await using var meter = ProcessorMeter.Start(Environment.ProcessId, TimeProvider.System);
        List<PdqFingerprint> prints = [];
        for (var round = 0; round < rounds; round++)
        {
            prints = await RoundAsync();
        }

        var used = await meter.StopAsync();
        var milliseconds = 1000 * used.DescendantSeconds / (rounds * files.Count);
        var row = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["bench"] = $"{name}, {(profiles.Length == 1 ? "full" : "both profiles")}",
            ["milliseconds"] = Math.Round(milliseconds, 2),
            ["kib"] = (int)files.Average(file => file.Length) >> 10,
            ["files"] = files.Count * rounds,
        };
        if (peer is not null)
        {
            AddPeer(row, peer, files, prints, milliseconds);
        }

        return row;

        async Task<List<PdqFingerprint>> RoundAsync()
        {
            var found = new List<PdqFingerprint>();
            foreach (var file in files)
            {
                found.Add(((DecodeOutcome.Decoded)await pool.DecodeAsync(file, profiles, cancellationToken)).Picture.Frames[0].Full);
            }

            return found;
        }
    }

    private static void AddPeer(
        Dictionary<string, object> row, string peer, List<byte[]> files, List<PdqFingerprint> prints, double milliseconds)
    {
        var (total, same) = (0.0, 0);
        var path = Path.GetTempFileName();
        try
        {
            for (var at = 0; at < files.Count; at++)
            {
                File.WriteAllBytes(path, files[at]);
                var answer = Processor.AskPeer(peer, path, "3");
                total += Processor.Number(answer[2]) / 1000;
                same += answer[0] == prints[at].Hash.ToString() ? 1 : 0;
            }
        }
        finally
        {
            File.Delete(path);
        }

        row["peerMilliseconds"] = Math.Round(total / files.Count, 2);
        row["ratio"] = Math.Round(total / files.Count / milliseconds, 2);
        row["sameHashes"] = same;
    }
}
