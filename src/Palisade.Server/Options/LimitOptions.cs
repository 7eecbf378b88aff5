namespace Palisade.Server.Options;

/// <summary>Bounds on what callers can make the service do at once. Beyond each of them the answer is 413, 429 or 503.</summary>
public sealed record LimitOptions
{
    /// <summary>Largest file in one upload. Default 64 MiB.</summary>
    public long MaxUploadBytes { get; init; } = 64L << 20;

    /// <summary>Uploads being read, decoded or matched at once. Default 64.</summary>
    public int MaxUploadsInFlight { get; init; } = 64;

    /// <summary>Bytes of uploads held in memory at once. Default 256 MiB; at least one upload of the largest size.</summary>
    public long MaxBytesInFlight { get; init; } = 256L << 20;

    /// <summary>Calls a second that one API key may make on the average. Default 2,000.</summary>
    public int CallsPerSecondPerKey { get; init; } = 2000;

    /// <summary>Calls that one API key may make at once after a pause. Default 4,000.</summary>
    public int CallBurstPerKey { get; init; } = 4000;

    /// <summary>Time until a caller who was told 503 or 429 should try again. Default 1 second; at least one.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    internal IEnumerable<string> Faults()
    {
        if (MaxUploadBytes is < 1024 or > (1L << 30))
        {
            yield return "limits.maxUploadBytes must be between 1024 (1 KiB) and 1073741824 (1 GiB).";
        }

        if (MaxUploadsInFlight is < 1 or > 10_000)
        {
            yield return "limits.maxUploadsInFlight must be between 1 and 10000.";
        }

        if (MaxBytesInFlight < MaxUploadBytes)
        {
            yield return "limits.maxBytesInFlight must be at least limits.maxUploadBytes, or the largest upload is never taken.";
        }

        if (CallsPerSecondPerKey < 1 || CallBurstPerKey < CallsPerSecondPerKey)
        {
            yield return "limits.callsPerSecondPerKey must be at least 1, and limits.callBurstPerKey at least as many.";
        }

        if (RetryAfter < TimeSpan.FromSeconds(1) || RetryAfter > TimeSpan.FromHours(1))
        {
            yield return "limits.retryAfter must be between 00:00:01 and 01:00:00.";
        }
    }
}
