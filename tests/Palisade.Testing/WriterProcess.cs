using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Dapper;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>
/// This very program run once more as a process that writes to a store and prints each number when it is acknowledged,
/// until it is killed or refused.
/// </summary>
public static class WriterProcess
{
    private const string FolderVariable = "PALISADE_TEST_WRITER_FOLDER";
    private const string WritersVariable = "PALISADE_TEST_WRITER_COUNT";
    private const string FileLimitVariable = "PALISADE_TEST_WRITER_FILE_BYTES";

    /// <summary>Numbers of Linux: the limit on a file's size, and the signal that a process gets who reaches it.</summary>
    private const int FileSizeLimit = 1;
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    public static Process Start(string folder, int writers, params string[] under) => Start(folder, writers, null, under);

    /// <summary>A writer for whom no file may grow beyond a size: the disk takes a part of a commit and refuses the rest.</summary>
    public static Process StartLimited(string folder, int writers, long mostFileBytes) => Start(folder, writers, mostFileBytes);

    private static Process Start(string folder, int writers, long? mostFileBytes, params string[] under)
    {
        string[] command = [.. under, Environment.ProcessPath!];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[FolderVariable] = folder;
        start.Environment[WritersVariable] = writers.ToString(CultureInfo.InvariantCulture);
        start.Environment[FileLimitVariable] = mostFileBytes?.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <summary>
    /// Writes until it is killed or refused when this process was started for it. It lies here and not in the assembly of the tests, whose
    /// threads have to wait while its initialiser runs.
    /// </summary>
    public static void WriteInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            var writers = int.Parse(Environment.GetEnvironmentVariable(WritersVariable)!, CultureInfo.InvariantCulture);
            WriteAsync(folder, writers).GetAwaiter().GetResult();

            // Every writer was refused. The program must not go on to run its tests.
            Environment.Exit(0);
        }
    }

    private static async Task WriteAsync(string folder, int writers)
    {
        await using var store = await Store.OpenAsync(
            new StoreOptions { Folder = folder }, TimeProvider.System, CancellationToken.None);
        await store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "CREATE TABLE IF NOT EXISTS note (number BIGINT NOT NULL PRIMARY KEY, body TEXT NOT NULL)",
                transaction: transaction),
            default);
        using var output = Console.OpenStandardOutput();
        using var ignored = PosixSignalRegistration.Create(FileSizeExceeded, signal => signal.Cancel = true);
        if (Environment.GetEnvironmentVariable(FileLimitVariable) is { Length: > 0 } limit)
        {
            var bytes = long.Parse(limit, CultureInfo.InvariantCulture);
            if (SetLimit(FileSizeLimit, [bytes, bytes]) != 0)
            {
                throw new IOException("The limit on file sizes could not be set.");
            }
        }

        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() => WriteForeverAsync(store, output))));
    }

    private static async Task WriteForeverAsync(Store store, Stream output)
    {
        while (true)
        {
            try
            {
                Print(output, $"acknowledged {await WriteOneAsync(store)}");
            }
            catch (IOException refusal)
            {
                Print(output, $"refused {store.Failed.IsCancellationRequested} {refusal.Message}");
                return;
            }
        }
    }

    private static Task<long> WriteOneAsync(Store store) => store.WriteAsync(
        async transaction =>
        {
            var next = await Sequences.TakeAsync(transaction, "note");
            await transaction.Connection!.ExecuteAsync(
                "INSERT INTO note (number, body) VALUES (@next, @body)",
                new { next, body = new string('x', (int)(next % 3000)) },
                transaction);
            return next;
        },
        default);

    private static void Print(Stream output, string line)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(line + "\n");
        lock (output)
        {
            output.Write(bytes);
        }
    }

    [DllImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetLimit(int resource, long[] currentAndLargest);
}
