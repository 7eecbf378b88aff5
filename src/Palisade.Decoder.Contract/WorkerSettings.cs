using System.Globalization;

namespace Palisade.Decoder.Contract;

/// <summary>What a worker is told on its command line: the limits it keeps itself to, and the layers it puts on.</summary>
public sealed record WorkerSettings
{
    /// <summary>Layers for the worker to put on by itself; bubblewrap is put on from outside.</summary>
    public SandboxLayers Layers { get; init; }

    /// <summary>Longest request body, in bytes.</summary>
    public int MaxRequestBytes { get; init; } = 64 << 20;

    public long MaxStreamedPixels { get; init; } = 100_000_000;

    public long MaxBufferedPixels { get; init; } = 40_000_000;

    public int MaxJpegScans { get; init; } = 100;

    /// <summary>Whether the system's libjpeg-turbo reads JPEGs, where it is.</summary>
    public bool UseTurboJpeg { get; init; } = true;

    public int MaxFrames { get; init; } = DecodedPicture.MaxFrames;

    /// <summary>Private memory, in bytes.</summary>
    public long MaxMemoryBytes { get; init; } = 768 << 20;

    /// <summary>Processor seconds of the worker's whole life.</summary>
    public int MaxProcessorSeconds { get; init; } = 200;

    public IEnumerable<string> ToArguments()
    {
        yield return Text($"--layers={(int)Layers}");
        yield return Text($"--request-bytes={MaxRequestBytes}");
        yield return Text($"--streamed-pixels={MaxStreamedPixels}");
        yield return Text($"--buffered-pixels={MaxBufferedPixels}");
        yield return Text($"--jpeg-scans={MaxJpegScans}");
        yield return Text($"--turbo-jpeg={(UseTurboJpeg ? 1 : 0)}");
        yield return Text($"--frames={MaxFrames}");
        yield return Text($"--memory-bytes={MaxMemoryBytes}");
        yield return Text($"--processor-seconds={MaxProcessorSeconds}");
    }

    /// <exception cref="FormatException">An argument is unknown or has no number.</exception>
    public static WorkerSettings Parse(IEnumerable<string> arguments)
    {
        var settings = new WorkerSettings();
        foreach (var argument in arguments)
        {
            var parts = argument.Split('=', 2);
            var value = parts.Length == 2 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
            settings = parts[0] switch
            {
                "--layers" => settings with { Layers = (SandboxLayers)value },
                "--request-bytes" => settings with { MaxRequestBytes = checked((int)value) },
                "--streamed-pixels" => settings with { MaxStreamedPixels = value },
                "--buffered-pixels" => settings with { MaxBufferedPixels = value },
                "--jpeg-scans" => settings with { MaxJpegScans = checked((int)value) },
                "--turbo-jpeg" => settings with { UseTurboJpeg = value == 1 },
                "--frames" => settings with { MaxFrames = checked((int)value) },
                "--memory-bytes" => settings with { MaxMemoryBytes = value },
                "--processor-seconds" => settings with { MaxProcessorSeconds = checked((int)value) },
                _ => throw new FormatException("palisade-decoder is started by palisade; it knows no argument " + parts[0]),
            };
        }

        return settings;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
