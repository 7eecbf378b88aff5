using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Palisade.Storage;

namespace Palisade.Evidence.Holds;

/// <summary>Why a hold was not placed or changed; nothing was changed. A closed set.</summary>
/// <param name="Reason">What is wrong and what to do.</param>
public abstract record HoldRefused(string Reason)
{
    public sealed record NothingToHold(HoldSubject Subject) : HoldRefused(
        $"There is no {Subject} here, or it was destroyed. `palisade evidence list` shows what there is.");

    public sealed record NoSuchHold(long Number) : HoldRefused(string.Create(
        CultureInfo.InvariantCulture, $"There is no hold {Number}. `palisade hold list` shows them all."));

    public sealed record StartsAhead(DateTimeOffset At) : HoldRefused(
        $"A hold counts from a moment that has been, and {Shown(At)} has not. Give the moment of the submission or of the letter.");

    public sealed record EndNeeded(HoldBasis Basis) : HoldRefused(
        $"A hold of the basis {Words.Of(Basis)} has no usual term. Say until when.");

    public sealed record TooShort(HoldBasis Basis, DateTimeOffset Least) : HoldRefused(
        $"{HoldRule.Of(Basis).Source} asks for this until {Shown(Least)} at least. No one can make it shorter than that.");

    public sealed record OverAlready(DateTimeOffset EndsAt) : HoldRefused(
        $"This hold would have ended on {Shown(EndsAt)}. Give a later end.");

    /// <summary>A letter holds for its own term and one renewal, no more and no less.</summary>
    public sealed record FixedTerm(HoldBasis Basis, DateTimeOffset EndsAt) : HoldRefused(
        $"{HoldRule.Of(Basis).Source} sets the end: {Shown(EndsAt)}. To keep it longer place another hold beside it, such as voluntary-longer.");

    public sealed record RenewedAlready(HoldBasis Basis) : HoldRefused(
        $"{HoldRule.Of(Basis).Source} allows one renewal, and this hold had it. To keep it longer place another hold beside it.");

    public sealed record TooLong(DateTimeOffset Latest) : HoldRefused(
        $"The end lies after {Shown(Latest)}, which is more likely a slip than a duty. Take an earlier one; it can be extended later.");

    public sealed record NotLonger(DateTimeOffset EndsAt) : HoldRefused(
        $"The hold lasts until {Shown(EndsAt)} already, and an extension only lengthens. Two people can shorten it: palisade hold shorten.");

    public sealed record NotShorter(DateTimeOffset EndsAt) : HoldRefused(
        $"The hold ends on {Shown(EndsAt)}, which is no later. To lengthen it: palisade hold extend.");

    public sealed record Lifted() : HoldRefused("This hold was lifted when a law enforcement agency asked for destruction.");

    public sealed record TextTooLong() : HoldRefused(string.Create(
        CultureInfo.InvariantCulture,
        $"A reference has at most {HoldRequest.LongestReference} characters and a reason {HoldRequest.LongestReason}. Say it more briefly."));

    public sealed record NotApproved(string Why) : HoldRefused(Why);

    /// <summary>A row was changed on disk, so nobody knows what it said. It counts as held.</summary>
    public sealed record Damaged(string What) : HoldRefused(
        $"{What} was damaged or changed outside Palisade, so all of it counts as held and nothing is changed. Restore the store from a backup.");

    internal static string Shown(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}

/// <summary>Either what was asked for, or why it was refused.</summary>
public readonly record struct HoldAnswer<T>
    where T : class
{
    private HoldAnswer(T? value, HoldRefused? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public HoldRefused? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;

    public static implicit operator HoldAnswer<T>(T value) => new(value, null);

    public static implicit operator HoldAnswer<T>(HoldRefused refusal) => new(null, refusal);
}
