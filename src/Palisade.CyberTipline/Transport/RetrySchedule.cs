using System.Security.Cryptography;

namespace Palisade.CyberTipline;

/// <summary>When a step is tried again, and how long a report stays open. Figures from the protocol's description.</summary>
public static class RetrySchedule
{
    private static readonly TimeSpan[] Delays =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10)];

    private static readonly TimeSpan Later = TimeSpan.FromMinutes(30);

    /// <summary>After this long without success somebody has to be told; the report is kept.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromHours(24);

    /// <summary>
    /// 1 s, 5 s, 30 s, 2 min, 10 min, then every 30 min, each up to a fifth sooner or later, so that many senders do not
    /// come back together.
    /// </summary>
    /// <param name="failures">How often the step has failed, from 1.</param>
    public static TimeSpan DelayAfter(int failures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var delay = failures <= Delays.Length ? Delays[failures - 1] : Later;
        return delay * (0.8 + (RandomNumberGenerator.GetInt32(0, 401) / 1000.0));
    }

    /// <summary>When the authority deletes an unfinished report: the later of 24 h from opening and 1 h from the last file.</summary>
    public static DateTimeOffset ExpiryOf(DateTimeOffset openedAt, DateTimeOffset? lastFileAt)
    {
        var byOpening = openedAt + TimeSpan.FromHours(24);
        return lastFileAt + TimeSpan.FromHours(1) is { } byFile && byFile > byOpening ? byFile : byOpening;
    }
}
