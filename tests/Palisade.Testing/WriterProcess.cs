using System.Diagnostics;
using System.Globalization;
using Dapper;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>
/// This very program run once more as a process that writes to a store and prints each number when it is acknowledged,
/// until it is killed.
/// </summary>
public static class WriterProcess
{
    private const string FolderVariable = "PALISADE_TEST_WRITER_FOLDER";
    private const string WritersVariable = "PALISADE_TEST_WRITER_COUNT";

    public static Process Start(string folder, int writers, params string[] under)
    {
        string[] command = [.. under, Environment.ProcessPath!];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment[FolderVariable] = folder;
        start.Environment[WritersVariable] = writers.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    /// <summary>
    /// Writes for ever when this process was started for it. It lies here and not in the assembly of the tests, whose
    /// threads have to wait while its initialiser runs.
    /// </summary>
    public static void WriteInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            var writers = int.Parse(Environment.GetEnvironmentVariable(WritersVariable)!, CultureInfo.InvariantCulture);
            WriteAsync(folder, writers).GetAwaiter().GetResult();
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
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(() => WriteForeverAsync(store, output))));
    }

    private static async Task WriteForeverAsync(Store store, Stream output)
    {
        while (true)
        {
            var number = await store.WriteAsync(
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
            var line = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"acknowledged {number}\n"));
            lock (output)
            {
                output.Write(line);
            }
        }
    }
}
