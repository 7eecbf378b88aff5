using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoding;
using Palisade.Server.Options;

namespace Palisade.Server.Cli;

/// <summary>The decoder workers of a verb that does not scan.</summary>
internal sealed class LocalDecoders : IAsyncDisposable
{
    private LocalDecoders(DecoderPool pool, DecoderOptions options)
    {
        Pool = pool;
        MaxFileBytes = options.MaxFileBytes;
        AtOnce = options.Workers * 2;
    }

    public DecoderPool Pool { get; }

    public long MaxFileBytes { get; }

    /// <summary>How many files are worked on at once: one in each worker and one read ahead for it.</summary>
    public int AtOnce { get; }

    /// <param name="files">How many files there are: no more workers than that are started.</param>
    public static Task<LocalDecoders> StartAsync(int files, CancellationToken cancellationToken)
    {
        var settings = OptionsReading.Read(configFile: null, new Dictionary<string, string?>(StringComparer.Ordinal));
        return StartAsync(files, settings.DecoderInForce, cancellationToken);
    }

    public static async Task<LocalDecoders> StartAsync(
        int files, DecoderOptions options, CancellationToken cancellationToken)
    {
        options = options with { Workers = Math.Clamp(files, 1, options.Workers) };
        var pool = new DecoderPool(options, TimeProvider.System, NullLogger<DecoderPool>.Instance);
        try
        {
            await pool.StartAsync(cancellationToken);
            return new LocalDecoders(pool, options);
        }
        catch
        {
            await pool.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Pool.DisposeAsync();
}
