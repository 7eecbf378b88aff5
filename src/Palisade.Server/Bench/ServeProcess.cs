using System.Diagnostics;

namespace Palisade.Server.Bench;

/// <summary>A <c>palisade serve</c> of its own process, so that what it uses can be told from what its callers use.</summary>
public sealed class ServeProcess : IAsyncDisposable
{
    private const string AddressLine = "Palisade answers at ";

    private readonly Process _process;

    private ServeProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public int Id => _process.Id;

    /// <summary>Starts the service on a free port and waits until it answers.</summary>
    /// <param name="settings">Settings as environment variables.</param>
    /// <exception cref="IOException">It ended before it answered; the message holds what it said.</exception>
    public static async Task<ServeProcess> StartAsync(
        string folder, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "palisade.dll"));
        }

        foreach (var argument in new[] { "serve", "--data", folder, "--url", "http://127.0.0.1:0", "--development" })
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(AddressLine, StringComparison.Ordinal))
            {
                // Read on, so that the service never waits for us to take its output.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new ServeProcess(process, new Uri(line[AddressLine.Length..]));
            }
        }

        using (process)
        {
            throw new IOException($"palisade serve ended before it answered: {await complaints}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
