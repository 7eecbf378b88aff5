using System.CommandLine;
using Palisade.Evidence.Holds;

namespace Palisade.Server.Cli.Holds;

/// <summary><c>palisade hold</c>: what must be kept, on which basis, and until when.</summary>
internal static class HoldVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "hold",
        "Keep evidence or whole cases: place, list and extend holds. Shortening one needs two people.",
        "palisade hold list",
        "palisade hold place 17 --basis police-letter --reference \"letter of 3 March\"")
    {
        HoldPlaceVerb.Create(terminal),
        HoldListVerb.Create(terminal),
        HoldExtendVerb.Create(terminal),
        HoldShortenVerb.Create(terminal),
    };

    public static Argument<long> Number() => new("HOLD") { Description = "The hold's number, as hold list shows it" };
}

/// <summary>A hold as it is printed with <c>--json</c>.</summary>
internal sealed record HoldView(
    long Number, string Subject, HoldBasis Basis, string Source, DateTimeOffset StartsAt, DateTimeOffset LeastUntil,
    DateTimeOffset EndsAt, DateTimeOffset? LiftedAt, bool IsActive, long Changes, DateTimeOffset PlacedAt, string? Reference, string? Reason)
{
    public static HoldView Of(Hold hold, DateTimeOffset now) => new(
        hold.Number, hold.Subject.ToString(), hold.Basis, HoldRule.Of(hold.Basis).Source, hold.StartsAt, hold.LeastUntil, hold.EndsAt,
        hold.LiftedAt, hold.IsActiveAt(now), hold.Changes, hold.PlacedAt, hold.Reference, hold.Reason);
}
