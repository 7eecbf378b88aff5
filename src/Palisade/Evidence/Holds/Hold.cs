namespace Palisade.Evidence.Holds;

/// <summary>
/// Says that evidence must be kept, on which basis, and until when.
/// </summary>
/// <remarks>
/// A hold only grows. The one exception is <see cref="ShortenedTo"/>, which two people decide and which stops at the law's
/// least time.
/// </remarks>
public sealed record Hold
{
    /// <summary>A longer time is more likely a slip of the finger than a duty; it can be lengthened again later.</summary>
    public static readonly TimeSpan LongestTerm = TimeSpan.FromDays(25 * 366);

    /// <summary>How far ahead of us another machine's clock may be.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromDays(1);

    /// <summary>From 1, without gaps over all holds.</summary>
    public long Number { get; init; }

    public required HoldSubject Subject { get; init; }

    public required HoldBasis Basis { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>Before this nobody may let it end; its start where the basis names no least time.</summary>
    public required DateTimeOffset LeastUntil { get; init; }

    /// <summary>The first moment, in UTC, at which it no longer holds.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>When it ended before its time because a law enforcement agency asked for destruction.</summary>
    public DateTimeOffset? LiftedAt { get; init; }

    /// <summary>How often it was changed since it was placed.</summary>
    public long Changes { get; init; }

    public required DateTimeOffset PlacedAt { get; init; }

    public string? Reference { get; init; }

    public string? Reason { get; init; }

    public bool IsActiveAt(DateTimeOffset moment) => LiftedAt is null && moment < EndsAt;

    /// <summary>Makes a hold of a request.</summary>
    /// <param name="now">The present, never earlier than what this store has seen before.</param>
    public static HoldAnswer<Hold> Begin(HoldRequest request, DateTimeOffset now)
    {
        var rule = HoldRule.Of(request.Basis);
        var starts = Whole(request.StartsAt ?? now);
        if (starts > now + ClockDifference)
        {
            return new HoldRefused.StartsAhead(starts);
        }

        if (request.EndsAt is null && rule.Usual is null)
        {
            return new HoldRefused.EndNeeded(request.Basis);
        }

        var least = starts + (rule.Least ?? TimeSpan.Zero);
        var ends = request.EndsAt is { } end ? Whole(end) : starts + rule.Usual!.Value;
        if (ends < least)
        {
            return new HoldRefused.TooShort(request.Basis, least);
        }

        if (ends <= now)
        {
            return new HoldRefused.OverAlready(ends);
        }

        if (rule.Renewal is not null && ends != least)
        {
            return new HoldRefused.FixedTerm(request.Basis, least);
        }

        if (ends > now + LongestTerm)
        {
            return new HoldRefused.TooLong(now + LongestTerm);
        }

        if (request.Reference?.Length > HoldRequest.LongestReference || request.Reason?.Length > HoldRequest.LongestReason)
        {
            return new HoldRefused.TextTooLong();
        }

        return new Hold
        {
            Subject = request.Subject,
            Basis = request.Basis,
            StartsAt = starts,
            LeastUntil = least,
            EndsAt = ends,
            PlacedAt = Whole(now),
            Reference = request.Reference,
            Reason = request.Reason,
        };
    }

    /// <summary>Lengthens it.</summary>
    /// <param name="until">Null for the renewal that the basis allows, or else for one more usual term from now.</param>
    public HoldAnswer<Hold> ExtendedTo(DateTimeOffset? until, DateTimeOffset now)
    {
        var rule = HoldRule.Of(Basis);
        if (LiftedAt is not null)
        {
            return new HoldRefused.Lifted();
        }

        if (rule.Renewal is { } renewal)
        {
            var renewed = StartsAt + rule.Least!.Value + renewal;
            return EndsAt >= renewed ? new HoldRefused.RenewedAlready(Basis)
                : until is { } other && Whole(other) != renewed ? new HoldRefused.FixedTerm(Basis, renewed)
                : this with { LeastUntil = renewed, EndsAt = renewed, Changes = Changes + 1 };
        }

        if (until is null && rule.Usual is null)
        {
            return new HoldRefused.EndNeeded(Basis);
        }

        var ends = Whole(until ?? now + rule.Usual!.Value);
        return ends <= EndsAt ? new HoldRefused.NotLonger(EndsAt)
            : ends > now + LongestTerm ? new HoldRefused.TooLong(now + LongestTerm)
            : this with { EndsAt = ends, Changes = Changes + 1 };
    }

    /// <summary>Lets it end earlier, though never before the law's least time. Only for a change that two people decided.</summary>
    internal HoldAnswer<Hold> ShortenedTo(DateTimeOffset until)
    {
        var ends = Whole(until);
        return LiftedAt is not null ? new HoldRefused.Lifted()
            : ends < LeastUntil ? new HoldRefused.TooShort(Basis, LeastUntil)
            : ends >= EndsAt ? new HoldRefused.NotShorter(EndsAt)
            : this with { EndsAt = ends, Changes = Changes + 1 };
    }

    /// <summary>Ends it because a law enforcement agency asked for destruction; see <see cref="HoldRule.YieldsToDestruction"/>.</summary>
    internal Hold LiftedFor(DateTimeOffset moment) => this with { LiftedAt = Whole(moment), Changes = Changes + 1 };

    /// <summary>To the millisecond, upwards: what the store keeps is never shorter than what was asked for.</summary>
    private static DateTimeOffset Whole(DateTimeOffset moment)
    {
        var milliseconds = moment.ToUnixTimeMilliseconds();
        var whole = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return whole < moment ? whole.AddMilliseconds(1) : whole;
    }
}
