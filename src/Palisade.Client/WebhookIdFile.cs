using System.Globalization;

namespace Palisade.Client;

/// <summary>
/// Remembers webhook ids in a file of its own, so that they are known after a restart too. For one process; several share a
/// table of their database instead.
/// </summary>
/// <remarks>
/// A line for each id is on stable storage before the call counts as new. Ids whose time is over are dropped when the file is
/// opened. A last line that a crash cut short belongs to a call that nobody acted upon.
/// </remarks>
public sealed class WebhookIdFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _known = new(StringComparer.Ordinal);
    private readonly FileStream _file;

    /// <exception cref="IOException">The file cannot be opened, or another process has it.</exception>
    public WebhookIdFile(string path, TimeProvider? clock = null)
    {
        var now = (clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        if (File.Exists(path))
        {
            foreach (var line in File.ReadAllLines(path))
            {
                var parts = line.Split(' ');
                if (parts.Length == 3 && parts[2].Length == 0 &&
                    long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var until) && until > now)
                {
                    _known[parts[0]] = until;
                }
            }
        }

        var beside = path + ".new";
        using (var fresh = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            foreach (var (id, until) in _known)
            {
                fresh.Write(LineOf(id, until));
            }

            fresh.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <inheritdoc cref="WebhookMemory"/>
    public ValueTask<bool> RememberAsync(string id, DateTimeOffset forgetAfter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var until = forgetAfter.ToUnixTimeSeconds();
            if (!_known.TryAdd(id, until))
            {
                return ValueTask.FromResult(false);
            }

            _file.Write(LineOf(id, until));
            _file.Flush(flushToDisk: true);
            return ValueTask.FromResult(true);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The blank at the end tells a whole line from one that was cut short in its number.</summary>
    private static byte[] LineOf(string id, long until) =>
        System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id} {until} \n"));
}
