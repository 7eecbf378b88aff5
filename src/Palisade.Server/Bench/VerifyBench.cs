using Palisade.Keys;
using Palisade.Storage;
using Palisade.Verification;

namespace Palisade.Server.Bench;

/// <summary>What <see cref="VerifyBench"/> found. Rates are MiB for each second that passed.</summary>
/// <param name="ReadMiB">Nothing but reading the files, one after the other.</param>
/// <param name="SealedMiB">Verified while sealed: each file by its SHA-256.</param>
/// <param name="TagsMiB">Verified with the operator's key: by the SHA-256 and every tag.</param>
/// <param name="GrownMiB">How much the memory of the process grew meanwhile.</param>
public sealed record VerifyBenchResult(long Bytes, double ReadMiB, double SealedMiB, double TagsMiB, double GrownMiB);

/// <summary>Measures <c>palisade verify</c> on a data folder against reading its files and doing nothing with them.</summary>
public static class VerifyBench
{
    private const double MiB = 1 << 20;

    /// <exception cref="InvalidOperationException">The folder is not as it was written, so that nothing can be measured.</exception>
    public static async Task<VerifyBenchResult> RunAsync(string folder, OperatorSecret secret, CancellationToken cancellationToken)
    {
        // Once unmeasured: it compiles, and all that follow find the files in the system's cache.
        var memory = new MemoryMeter();
        await VerifyAsync(folder, secret, memory, cancellationToken);
        memory.Begin();
        var (bytes, sealedRate) = await VerifyAsync(folder, secret: null, memory, cancellationToken);
        var (_, tagsRate) = await VerifyAsync(folder, secret, memory, cancellationToken);
        return new VerifyBenchResult(bytes, await ReadAsync(folder, cancellationToken), sealedRate, tagsRate, memory.Grown / MiB);
    }

    private static async Task<(long Bytes, double Rate)> VerifyAsync(
        string folder, OperatorSecret? secret, MemoryMeter memory, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var report = await new Verifier(new StoreOptions { Folder = folder }, TimeProvider.System).RunAsync(
            finding => throw new InvalidOperationException($"{finding.Item}: {finding.What}"), memory, secret, cancellationToken);
        return (report.Bytes, report.Bytes / MiB / TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<double> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 20];
        var began = TimeProvider.System.GetTimestamp();
        var total = 0L;
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            await using var file = File.OpenRead(path);
            for (var read = 1; read > 0; total += read)
            {
                read = await file.ReadAsync(buffer, cancellationToken);
            }
        }

        return total / MiB / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Looks at the process's memory whenever there is progress.</summary>
    private sealed class MemoryMeter : IProgress<ByteProgress>
    {
        private long _before;
        private long _most;

        public long Grown => Math.Max(0, _most - _before);

        public void Begin() => _before = _most = Environment.WorkingSet;

        public void Report(ByteProgress value) => _most = Math.Max(_most, Environment.WorkingSet);
    }
}
