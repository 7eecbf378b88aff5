using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoding;

namespace Palisade.Testing;

/// <summary>This very program run once more as a process that keeps a pool of decoder workers until it is killed.</summary>
public static class PoolProcess
{
    private const string FolderVariable = "PALISADE_TEST_POOL_FOLDER";

    /// <summary>What the process prints when its workers are up.</summary>
    public const string Ready = "workers are up";

    public static Process Start(string programFolder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[FolderVariable] = programFolder;
        return Process.Start(start)!;
    }

    /// <summary>Keeps a pool for ever when this process was started for it.</summary>
    public static void KeepPoolInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            KeepPoolAsync(folder).GetAwaiter().GetResult();
        }
    }

    private static async Task KeepPoolAsync(string folder)
    {
        await using var pool = new DecoderPool(
            new DecoderOptions { ProgramFolder = folder, Workers = 2 },
            TimeProvider.System,
            NullLogger<DecoderPool>.Instance);
        await pool.StartAsync(CancellationToken.None);
        Console.WriteLine(Ready);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
    }
}
