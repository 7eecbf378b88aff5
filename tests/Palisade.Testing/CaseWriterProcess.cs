using System.Diagnostics;
using System.Security.Cryptography;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>
/// This very program run once more as a process that keeps scans which are not clean, bytes and all, and prints each one's
/// id and the SHA-256 of its bytes when it is acknowledged, until it is killed.
/// </summary>
public static class CaseWriterProcess
{
    public const string Acknowledged = "acknowledged ";

    private const string FolderVariable = "PALISADE_TEST_CASE_WRITER_FOLDER";
    private const int Writers = 4;

    public static Process Start(string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment[FolderVariable] = folder;
        return Process.Start(start)!;
    }

    /// <inheritdoc cref="WriterProcess.WriteInsteadOfTesting"/>
    public static void WriteInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            WriteAsync(folder).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
    }

    private static async Task WriteAsync(string folder)
    {
        await using var store = await Store.OpenAsync(
            new StoreOptions { Folder = folder }, TimeProvider.System, CancellationToken.None);
        await using var room = await CaseRoom.OpenAsync(null, store, folder, TimeProvider.System);
        using var output = Console.OpenStandardOutput();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => WriteForeverAsync(room, output))));
    }

    private static async Task WriteForeverAsync(CaseRoom room, Stream output)
    {
        while (true)
        {
            // Few different pictures, so that most scans join a case that another writer may be joining too.
            var picture = new byte[RandomNumberGenerator.GetInt32(1, 40_000)];
            Array.Fill(picture, (byte)RandomNumberGenerator.GetInt32(8));
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(picture));
            var match = new KeptMatch("bank", $"{picture[0]}", "pdq", 4, 31, "original", 0, Shadow: false);
            var record = await room.ScanAsync(
                room.Record(VerdictAction.Hold, RandomNumberGenerator.GetHexString(16), sha256, match), picture);
            var line = System.Text.Encoding.ASCII.GetBytes($"{Acknowledged}{record.Id} {sha256}\n");
            lock (output)
            {
                output.Write(line);
            }
        }
    }
}
