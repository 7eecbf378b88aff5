using CsCheck;
using Palisade.Evidence;
using Palisade.Evidence.Holds;

namespace Palisade.Tests.Evidence.Holds;

/// <summary>What a hold is by itself: terms, least times, and that it only grows.</summary>
public sealed class HoldTests
{
    private static readonly HoldSubject Subject = HoldSubject.Of(EvidenceId.New());

    /// <summary>From 2024 to 2060, to the tick.</summary>
    private static readonly Gen<DateTimeOffset> Moments = Gen.Long[0, TimeSpan.FromDays(36 * 365).Ticks]
        .Select(ticks => new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(ticks));

    [Fact]
    public void A_filed_reports_hold_is_never_shorter_than_any_year_of_the_calendar() => Moments.Sample(submitted =>
    {
        var hold = Begin(HoldBasis.FiledReport, submitted, submitted);

        Assert.True(hold.LeastUntil >= submitted.AddYears(1));
        Assert.Equal(372, (hold.EndsAt - hold.StartsAt).TotalDays);
        Assert.True(hold.IsActiveAt(submitted.AddYears(1)));
    });

    [Theory]
    [InlineData("2028-02-29T10:00:00Z")]
    [InlineData("2027-03-01T00:00:00Z")]
    [InlineData("2027-12-31T23:59:59.9999999Z")]
    public void A_leap_day_makes_no_year_short(string submittedAt)
    {
        var submitted = DateTimeOffset.Parse(submittedAt, System.Globalization.CultureInfo.InvariantCulture);

        foreach (var basis in new[] { HoldBasis.FiledReport, HoldBasis.UkReport })
        {
            var shortest = Hold.Begin(
                new HoldRequest { Subject = Subject, Basis = basis, StartsAt = submitted, EndsAt = submitted.AddDays(366) }, submitted);
            var tooShort = Hold.Begin(
                new HoldRequest { Subject = Subject, Basis = basis, StartsAt = submitted, EndsAt = submitted.AddDays(366).AddTicks(-20_000) },
                submitted);

            Assert.True(shortest.Value!.EndsAt >= submitted.AddYears(1));
            Assert.IsType<HoldRefused.TooShort>(tooShort.Refusal);
        }
    }

    [Fact]
    public void A_hold_lasts_to_the_last_millisecond_of_its_term()
    {
        var hold = Begin(HoldBasis.FiledReport, HoldFixture.Start, HoldFixture.Start);

        Assert.True(hold.IsActiveAt(hold.EndsAt.AddMilliseconds(-1)));
        Assert.False(hold.IsActiveAt(hold.EndsAt));
    }

    [Fact]
    public void A_police_letter_holds_for_90_days_and_for_90_more_once()
    {
        var letter = Begin(HoldBasis.PoliceLetter, HoldFixture.Start, HoldFixture.Start);
        var renewed = letter.ExtendedTo(null, HoldFixture.Start.AddDays(80)).Value!;
        var again = renewed.ExtendedTo(null, HoldFixture.Start.AddDays(170));
        var longer = renewed.ExtendedTo(HoldFixture.Start.AddDays(400), HoldFixture.Start.AddDays(170));

        Assert.Equal(HoldFixture.Start.AddDays(90), letter.EndsAt);
        Assert.Equal(HoldFixture.Start.AddDays(180), renewed.EndsAt);
        Assert.Equal(renewed.EndsAt, renewed.LeastUntil);
        Assert.IsType<HoldRefused.RenewedAlready>(again.Refusal);
        Assert.IsType<HoldRefused.RenewedAlready>(longer.Refusal);
    }

    [Theory]
    [InlineData(89)]
    [InlineData(91)]
    public void A_police_letters_term_is_the_laws_and_nobody_elses(int days)
    {
        var begun = Hold.Begin(
            new HoldRequest { Subject = Subject, Basis = HoldBasis.PoliceLetter, EndsAt = HoldFixture.Start.AddDays(days) }, HoldFixture.Start);

        Assert.True(begun.Refusal is HoldRefused.FixedTerm or HoldRefused.TooShort);
    }

    [Theory]
    [InlineData(HoldBasis.VoluntaryLonger)]
    [InlineData(HoldBasis.LegalProcess)]
    public void Without_a_usual_term_an_end_has_to_be_named(HoldBasis basis) => Assert.IsType<HoldRefused.EndNeeded>(
        Hold.Begin(new HoldRequest { Subject = Subject, Basis = basis }, HoldFixture.Start).Refusal);

    [Fact]
    public void Slips_of_the_finger_are_refused()
    {
        HoldRefused? Refusal(int startDays, int endDays) => Hold.Begin(
            new HoldRequest
            {
                Subject = Subject,
                Basis = HoldBasis.VoluntaryLonger,
                StartsAt = HoldFixture.Start.AddDays(startDays),
                EndsAt = HoldFixture.Start.AddDays(endDays),
            },
            HoldFixture.Start).Refusal;

        Assert.IsType<HoldRefused.StartsAhead>(Refusal(400, 800));
        Assert.IsType<HoldRefused.OverAlready>(Refusal(-400, -1));
        Assert.IsType<HoldRefused.TooShort>(Refusal(0, -1));
        Assert.IsType<HoldRefused.TooLong>(Refusal(0, 36_600));
    }

    [Fact]
    public void No_sequence_of_extensions_ever_makes_a_hold_shorter() =>
        Gen.Select(Gen.Enum<HoldBasis>(), Moments, Gen.Select(Gen.Bool, Gen.Int[-2000, 4000], Gen.Int[0, 500]).Array[0, 12]).Sample(
            (basis, start, changes) =>
            {
                var hold = Begin(basis, start, start);
                var now = start;
                foreach (var (isNamed, days, passed) in changes)
                {
                    now += TimeSpan.FromDays(passed);
                    var answer = hold.ExtendedTo(isNamed ? start.AddDays(days) : null, now);
                    if (!answer.IsRefused)
                    {
                        Assert.True(answer.Value.EndsAt > hold.EndsAt);
                        Assert.True(answer.Value.LeastUntil >= hold.LeastUntil);
                        Assert.Equal(hold.Changes + 1, answer.Value.Changes);
                        hold = answer.Value;
                    }
                }
            });

    [Fact]
    public void Even_two_people_cannot_shorten_below_the_laws_least_time() =>
        Gen.Select(Gen.Enum<HoldBasis>(), Moments, Gen.Int[-100, 4000]).Sample((basis, start, days) =>
        {
            var hold = Begin(basis, start, start);
            var least = HoldRule.Of(basis).Least ?? TimeSpan.Zero;

            var shortened = hold.ShortenedTo(start.AddDays(days));

            if (!shortened.IsRefused)
            {
                Assert.True(shortened.Value.EndsAt - shortened.Value.StartsAt >= least);
                Assert.True(shortened.Value.EndsAt < hold.EndsAt);
            }
            else if (days > least.TotalDays + 1)
            {
                Assert.IsType<HoldRefused.NotShorter>(shortened.Refusal);
            }
        });

    [Fact]
    public void Every_basis_names_its_source_and_no_least_time_is_longer_than_its_usual_one() => Assert.All(
        Enum.GetValues<HoldBasis>(),
        basis =>
        {
            var rule = HoldRule.Of(basis);
            Assert.NotEmpty(rule.Source);
            Assert.True(rule.Least is null || rule.Usual >= rule.Least);
        });

    private static Hold Begin(HoldBasis basis, DateTimeOffset start, DateTimeOffset now)
    {
        var begun = Hold.Begin(
            new HoldRequest
            {
                Subject = Subject,
                Basis = basis,
                StartsAt = start,
                EndsAt = HoldRule.Of(basis).Usual is null ? start.AddDays(800) : null,
            },
            now);
        Assert.False(begun.IsRefused, begun.Refusal?.Reason);
        return begun.Value!;
    }
}
