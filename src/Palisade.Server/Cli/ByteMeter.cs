using Palisade.Verification;

namespace Palisade.Server.Cli;

/// <summary>The progress bar of work that is measured in bytes: rate in MB a second, and the time that is left.</summary>
internal sealed class ByteMeter(Terminal terminal, TimeProvider clock, string what) : IProgress<ByteProgress>, IDisposable
{
    private const double Megabyte = 1e6;

    private readonly Progress _progress = new(terminal, clock, what, "MB", total: 0);
    private readonly Lock _lock = new();

    public TimeSpan Elapsed => _progress.Elapsed;

    public void Report(ByteProgress value)
    {
        lock (_lock)
        {
            _progress.Total = (long)Math.Ceiling(value.TotalBytes / Megabyte);
            _progress.Reach((long)(value.DoneBytes / Megabyte));
        }
    }

    /// <summary>Takes the bar away, so that a line can be written.</summary>
    public void Clear() => _progress.Clear();

    public void Dispose() => _progress.Dispose();
}
