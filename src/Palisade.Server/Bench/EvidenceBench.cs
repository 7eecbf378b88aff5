using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Server.Options;

namespace Palisade.Server.Bench;

/// <summary>What <see cref="EvidenceBench"/> found. Rates are MiB for each second of processor time, on one thread, the median of many rounds.</summary>
public sealed record EvidenceBenchResult(
    int ItemBytes, double SealMiB, double OpenMiB, double OpenAndDigestMiB, double DigestMiB, int Takings, double P50Ms, double P99Ms, double MaxMs,
    VerifyBenchResult Verify);

/// <summary>Measures sealing and opening in memory, and the whole taking of an item: file, row and audit entry on disk.</summary>
public static class EvidenceBench
{
    /// <param name="folder">A fresh folder on the disk to be measured; the caller removes it.</param>
    public static async Task<EvidenceBenchResult> RunAsync(
        string folder, int itemBytes, int takings, TimeSpan least, CancellationToken cancellationToken)
    {
        const double MiB = 1 << 20;
        var speed = await SealingSpeed.MeasureAsync(itemBytes, least, cancellationToken);
        using var secret = OperatorSecret.UnsafeDevelopmentFile("of a benchmark, never of use"u8);
        var times = await TakeAsync(folder, secret, itemBytes, takings, cancellationToken);
        times.Sort();
        return new EvidenceBenchResult(
            itemBytes, speed.SealBytes / MiB, speed.OpenBytes / MiB, speed.OpenAndDigestBytes / MiB, speed.DigestBytes / MiB,
            takings, At(times, 0.5), At(times, 0.99), times[^1],
            await VerifyBench.RunAsync(folder, secret, cancellationToken));
    }

    private static double At(List<double> sorted, double share) => sorted[(int)Math.Min(sorted.Count - 1, Math.Ceiling(share * sorted.Count) - 1)];

    private static async Task<List<double>> TakeAsync(
        string folder, OperatorSecret secret, int itemBytes, int takings, CancellationToken cancellationToken)
    {
        await using var installation = await Installation.OpenAsync(
            new PalisadeOptions { Data = folder }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        await new KeyCeremony(installation.Sealing).InitialiseAsync(secret, Actor.Palisade, cancellationToken);
        var bytes = RandomNumberGenerator.GetBytes(itemBytes);
        var facts = new EvidenceFacts
        {
            Source = "bench",
            Service = "bench",
            CapturedAt = TimeProvider.System.GetUtcNow(),
            Digests = new Dictionary<string, string>(StringComparer.Ordinal),
        };
        var times = new List<double>(takings);
        for (var i = 0; i < takings + 1; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            using var staged = await installation.Evidence.StageAsync(bytes, facts, cancellationToken);
            await installation.Store.WriteAsync(
                async transaction =>
                {
                    await installation.Evidence.AdmitAsync(transaction, staged, "cas_bench", Actor.Palisade);
                    return 0;
                },
                cancellationToken);
            if (i > 0)
            {
                times.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        return times;
    }
}
