using CsCheck;
using Dapper;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Review;
using Palisade.Testing;

namespace Palisade.Tests.Evidence.Holds;

/// <summary>Duty table 4 and 5: holds in the store, on both engines.</summary>
public sealed class HoldBookTests
{
    [Theory, StoreEngines]
    public async Task A_reports_hold_appears_with_the_report_in_one_transaction_or_not_at_all(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeAsync();
        var request = HoldRequest.ForReport(@case, HoldBasis.FiledReport, HoldFixture.Start, "4001");

        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Test.Store.WriteAsync<int>(
            async transaction =>
            {
                await fixture.Holds.PlaceAsync(transaction, request, HoldFixture.Anna);
                throw new InvalidOperationException("the report could not be recorded");
            },
            default));
        Assert.IsType<HoldStanding.Free>(await StandingAsync(fixture, evidence));

        var placed = await fixture.Test.Store.WriteAsync(
            transaction => fixture.Holds.PlaceAsync(transaction, request, HoldFixture.Anna), default);

        var held = Assert.IsType<HoldStanding.Held>(await StandingAsync(fixture, evidence));
        Assert.Equal(HoldFixture.Start.AddDays(372), held.Until);
        Assert.Equal(1, placed.Value!.Number);
        Assert.Equal(held.Until, (await fixture.Cases.FindAsync(@case, default))!.Receipts.PreservedUntil);
        Assert.Single(await fixture.EntriesAsync("hold.placed"));
    }

    [Theory, StoreEngines]
    public async Task Of_several_holds_on_a_case_and_its_evidence_the_latest_end_wins(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeAsync();

        await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport);
        await fixture.PlaceAsync(HoldSubject.Of(evidence), HoldBasis.PoliceLetter);
        await fixture.PlaceAsync(HoldSubject.Of(evidence), HoldBasis.VoluntaryLonger, HoldFixture.Start.AddDays(800));
        await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.CaseReview);

        var held = Assert.IsType<HoldStanding.Held>(await StandingAsync(fixture, evidence));
        Assert.Equal(4, held.Active.Count);
        Assert.Equal(HoldFixture.Start.AddDays(800), held.Until);
        fixture.Clock.Advance(TimeSpan.FromDays(400));
        Assert.Equal(HoldBasis.VoluntaryLonger, Assert.Single(((HoldStanding.Held)await StandingAsync(fixture, evidence)).Active).Basis);
    }

    [Theory, StoreEngines]
    public async Task No_sequence_of_operations_makes_a_hold_shorter_but_the_approved_one(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var operations = Gen.Select(Gen.Enum<HoldBasis>(), Gen.Select(Gen.Int[0, 3], Gen.Int[-400, 1500], Gen.Int[0, 60]).Array[1, 8]);

        await operations.SampleAsync(
            async (basis, steps) =>
            {
                var (evidence, _) = await fixture.TakeAsync(bytes: 10);
                var hold = await fixture.PlaceAsync(
                    HoldSubject.Of(evidence), basis,
                    HoldRule.Of(basis).Usual is null ? fixture.Clock.GetUtcNow().AddDays(500) : null);
                foreach (var (kind, days, passed) in steps)
                {
                    fixture.Clock.Advance(TimeSpan.FromDays(passed));
                    var until = hold.StartsAt.AddDays(days);
                    _ = kind switch
                    {
                        0 => await fixture.Holds.ExtendAsync(hold.Number, null, HoldFixture.Anna, default),
                        1 => await fixture.Holds.ExtendAsync(hold.Number, until, HoldFixture.Anna, default),

                        // Nobody approved it, or nobody even asked.
                        2 => await fixture.Holds.ShortenAsync(
                            hold.Number, until, (await fixture.Holds.AskToShortenAsync(hold.Number, until, "why", HoldFixture.Anna, default)).Value?.Approval ?? 0,
                            HoldFixture.Anna, default),
                        _ => await fixture.Holds.ShortenAsync(hold.Number, until, 999_999, HoldFixture.Ben, default),
                    };
                    var now = (await fixture.Holds.FindAsync(hold.Number, default)).Value!;
                    Assert.True(now.EndsAt >= hold.EndsAt);
                    Assert.True(now.LeastUntil >= hold.LeastUntil);
                    hold = now;
                }
            },
            iter: 15,
            threads: 1);
    }

    [Theory, StoreEngines]
    public async Task Two_people_shorten_a_hold_once_and_to_no_less_than_the_law_asks(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (_, @case) = await fixture.TakeAsync();
        var hold = await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport, HoldFixture.Start.AddDays(700));
        var until = HoldFixture.Start.AddDays(400);

        var belowLeast = await fixture.Holds.AskToShortenAsync(hold.Number, HoldFixture.Start.AddDays(365), "no need", HoldFixture.Anna, default);
        var asked = await fixture.Holds.AskToShortenAsync(hold.Number, until, "the agency is done", HoldFixture.Anna, default);
        var alone = await fixture.Holds.ShortenAsync(hold.Number, until, asked.Value!.Approval, HoldFixture.Anna, default);
        Assert.NotNull(await fixture.Approvals.ApproveAsync(asked.Value.Approval, HoldFixture.Anna, default));
        Assert.Null(await fixture.Approvals.ApproveAsync(asked.Value.Approval, HoldFixture.Ben, default));
        var other = await fixture.Holds.ShortenAsync(hold.Number, until.AddDays(-1), asked.Value.Approval, HoldFixture.Anna, default);
        var done = await fixture.Holds.ShortenAsync(hold.Number, until, asked.Value.Approval, HoldFixture.Anna, default);
        var again = await fixture.Holds.ShortenAsync(hold.Number, until.AddDays(-1), asked.Value.Approval, HoldFixture.Anna, default);

        Assert.IsType<HoldRefused.TooShort>(belowLeast.Refusal);
        Assert.All([alone, other, again], refused => Assert.IsType<HoldRefused.NotApproved>(refused.Refusal));
        Assert.Equal(until, done.Value!.EndsAt);
        Assert.Single(await fixture.EntriesAsync("hold.shortened"));
    }

    [Theory, StoreEngines]
    public async Task An_approval_is_void_once_the_hold_was_extended(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (_, @case) = await fixture.TakeAsync();
        var hold = await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport, HoldFixture.Start.AddDays(700));
        var until = HoldFixture.Start.AddDays(400);
        var asked = await fixture.Holds.AskToShortenAsync(hold.Number, until, "the agency is done", HoldFixture.Anna, default);
        Assert.Null(await fixture.Approvals.ApproveAsync(asked.Value!.Approval, HoldFixture.Ben, default));

        await fixture.Holds.ExtendAsync(hold.Number, HoldFixture.Start.AddDays(900), HoldFixture.Ben, default);
        var shortened = await fixture.Holds.ShortenAsync(hold.Number, until, asked.Value.Approval, HoldFixture.Anna, default);

        Assert.IsType<HoldRefused.NotApproved>(shortened.Refusal);
        Assert.Equal(HoldFixture.Start.AddDays(900), (await fixture.Holds.FindAsync(hold.Number, default)).Value!.EndsAt);
    }

    [Theory, StoreEngines]
    public async Task A_hold_changed_on_disk_is_noticed_and_counts_as_held(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        string[] changes =
        [
            "ends_at = starts_at + 1000", "least_until = starts_at", "starts_at = 0", "basis = 'case-review'", "changes = 7",
            "lifted_at = starts_at + 1", "placed_at = 1", "facts = (SELECT facts FROM evidence_hold WHERE number = 1)",
        ];
        await fixture.PlaceAsync(HoldSubject.Of((await fixture.TakeAsync()).Case), HoldBasis.FiledReport);

        foreach (var change in changes)
        {
            var (evidence, @case) = await fixture.TakeAsync();
            var hold = await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport);
            await ExecuteAsync(fixture, $"UPDATE evidence_hold SET {change} WHERE number = {hold.Number}");

            Assert.IsType<HoldStanding.Damaged>(await StandingAsync(fixture, evidence));
            Assert.IsType<HoldRefused.Damaged>((await fixture.Holds.ExtendAsync(hold.Number, null, HoldFixture.Anna, default)).Refusal);
        }

        Assert.Equal(changes.Length, (await fixture.Holds.CheckAsync(default)).Count);
    }

    [Theory, StoreEngines]
    public async Task A_hold_that_was_removed_moved_or_rolled_back_on_disk_is_noticed(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (removed, removedCase) = await fixture.TakeAsync();
        var (rolledBack, rolledBackCase) = await fixture.TakeAsync();
        await fixture.PlaceAsync(HoldSubject.Of(removedCase), HoldBasis.FiledReport);
        var hold = await fixture.PlaceAsync(HoldSubject.Of(rolledBackCase), HoldBasis.VoluntaryLonger, HoldFixture.Start.AddDays(5));
        var old = await fixture.Test.Store.ReadAsync(
            connection => connection.QuerySingleAsync<(long Ends, long Changes, byte[] Facts)>(
                "SELECT ends_at, changes, facts FROM evidence_hold WHERE number = 2"),
            default);
        await fixture.Holds.ExtendAsync(hold.Number, HoldFixture.Start.AddDays(900), HoldFixture.Anna, default);

        await ExecuteAsync(fixture, "DELETE FROM evidence_hold WHERE number = 1");
        await ExecuteAsync(
            fixture, "UPDATE evidence_hold SET ends_at = @Ends, changes = @Changes, facts = @Facts WHERE number = 2",
            new { old.Ends, old.Changes, old.Facts });
        fixture.Clock.Advance(TimeSpan.FromDays(6));

        // The row of the second is a true one of an earlier day: only the audit log tells that it was lengthened since.
        Assert.IsType<HoldStanding.Damaged>(await StandingAsync(fixture, removed));
        Assert.IsType<HoldStanding.Damaged>(await StandingAsync(fixture, rolledBack));
        Assert.Equal(["Hold 1 is missing"], await fixture.Holds.CheckAsync(default));
    }

    [Theory, StoreEngines]
    public async Task Holds_placed_while_the_clock_is_behind_count_from_what_the_store_has_seen(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (_, @case) = await fixture.TakeAsync();
        await fixture.Sweep.RunAsync(default);
        fixture.Clock.AdjustTime(HoldFixture.Start.AddYears(-7));

        var hold = await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport, starts: fixture.Clock.GetUtcNow());

        Assert.Equal(HoldFixture.Start.AddDays(372), hold.EndsAt);
    }

    [Theory, StoreEngines]
    public async Task What_is_not_there_cannot_be_held(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);

        foreach (var subject in new[] { HoldSubject.Of(EvidenceId.New()), HoldSubject.Of(CaseId.New()) })
        {
            var placed = await fixture.Holds.PlaceAsync(
                new HoldRequest { Subject = subject, Basis = HoldBasis.FiledReport }, HoldFixture.Anna, default);

            Assert.IsType<HoldRefused.NothingToHold>(placed.Refusal);
        }

        Assert.IsType<HoldRefused.NoSuchHold>((await fixture.Holds.FindAsync(1, default)).Refusal);
        Assert.Empty(await fixture.Holds.CheckAsync(default));
    }

    [Theory, StoreEngines]
    public async Task References_and_reasons_lie_sealed(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (_, @case) = await fixture.TakeAsync();
        const string Marker = "Operation Heather 4711";
        await fixture.Holds.PlaceAsync(
            new HoldRequest { Subject = HoldSubject.Of(@case), Basis = HoldBasis.PoliceLetter, Reference = Marker, Reason = Marker },
            HoldFixture.Anna,
            default);

        var facts = await fixture.Test.Store.ReadAsync(
            connection => connection.QuerySingleAsync<byte[]>("SELECT facts FROM evidence_hold"), default);
        var entry = Assert.Single(await fixture.EntriesAsync("hold.placed"));
        var line = Assert.Single(await fixture.Holds.ListAsync(HoldSubject.Of(@case), default));

        Assert.Equal(Marker, line.Hold!.Reference);
        Assert.DoesNotContain("Heather", System.Text.Encoding.UTF8.GetString(facts), StringComparison.Ordinal);
        Assert.DoesNotContain("Heather", entry.Reason, StringComparison.Ordinal);
    }

    private static async Task<HoldStanding> StandingAsync(HoldFixture fixture, EvidenceId id) =>
        await fixture.Holds.StandingAsync((await fixture.Vault.FindAsync(id, default))!, default);

    private static Task<int> ExecuteAsync(HoldFixture fixture, string sql, object? arguments = null) => fixture.Test.Store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(sql, arguments, transaction), default);
}
