using System.Diagnostics;
using System.Security.Cryptography;

namespace Palisade.Server;

/// <summary>Runs the operator's own command that prints his key: the client of a key service, a TPM tool.</summary>
internal static class OperatorCommand
{
    private const int LongestOutput = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <returns>What it printed, in memory that does not move, for the caller to zero.</returns>
    /// <exception cref="IOException">It failed, printed nothing or too much, or took too long. Nothing of its output is in the text.</exception>
    public static async Task<byte[]> RunAsync(string command, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        }) ?? throw new IOException("The unseal command could not be started.");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var buffer = GC.AllocateArray<byte>(LongestOutput + 1, pinned: true);
        try
        {
            var length = await process.StandardOutput.BaseStream.ReadAtLeastAsync(
                buffer, buffer.Length, throwOnEndOfStream: false, patience.Token);
            if (length > LongestOutput)
            {
                throw new IOException($"The unseal command printed more than {LongestOutput} bytes, which is no key.");
            }

            await process.WaitForExitAsync(patience.Token);
            if (process.ExitCode != 0 || length == 0)
            {
                throw new IOException($"The unseal command ended with code {process.ExitCode} and printed {(length == 0 ? "nothing" : "something")}. Run it by hand to see why.");
            }

            var output = GC.AllocateArray<byte>(length, pinned: true);
            buffer.AsSpan(0, length).CopyTo(output);
            return output;
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The unseal command did not end within {Patience.TotalSeconds} seconds.", late);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
