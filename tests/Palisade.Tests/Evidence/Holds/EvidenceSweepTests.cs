using Dapper;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Evidence.Holds.Retention;
using Palisade.Review;
using Palisade.Testing;

namespace Palisade.Tests.Evidence.Holds;

public sealed class EvidenceSweepTests
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    [Theory, StoreEngines]
    public async Task Evidence_that_was_nothing_is_destroyed_when_it_is_due_and_not_a_moment_before(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();

        await fixture.SweepDailyAsync(Month - TimeSpan.FromMilliseconds(1));
        Assert.True(await fixture.IsThereAsync(evidence));
        fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var outcome = await fixture.Sweep.RunAsync(default);

        Assert.Equal(evidence, Assert.Single(outcome.Destroyed).Id);
        Assert.False(await fixture.IsThereAsync(evidence));
        Assert.Empty(fixture.FilesLeft());
        var keys = await CountAsync(fixture, $"SELECT COUNT(*) FROM wrapped_key WHERE bound LIKE '%{evidence}%'");
        var facts = await CountAsync(fixture, "SELECT COUNT(*) FROM evidence_facts");
        Assert.Equal((0L, 0L), (keys, facts));
    }

    [Theory, StoreEngines]
    public async Task Held_undecided_and_acted_upon_evidence_is_left_alone(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (held, heldCase) = await fixture.TakeReleasedAsync();
        await fixture.PlaceAsync(HoldSubject.Of(heldCase), HoldBasis.FiledReport);
        var (heldAlone, _) = await fixture.TakeReleasedAsync();
        await fixture.PlaceAsync(HoldSubject.Of(heldAlone), HoldBasis.PoliceLetter);
        var (undecided, _) = await fixture.TakeAsync();
        var (removed, removedCase) = await fixture.TakeAsync();
        await fixture.CloseAsync(removedCase, PlatformAction.Remove);

        var outcome = await fixture.SweepDailyAsync(2 * Month);

        Assert.Empty(outcome.Destroyed);
        Assert.Equal((2, 2), (outcome.Held, outcome.NotDue));
        foreach (var evidence in new[] { held, heldAlone, undecided, removed })
        {
            Assert.True(await fixture.IsThereAsync(evidence));
        }

        // The letter's 90 days are over, and the evidence is due by policy; then the report's.
        await fixture.SweepDailyAsync(Month);
        Assert.False(await fixture.IsThereAsync(heldAlone));
        await fixture.PassAsync(TimeSpan.FromDays(300));
        await fixture.Sweep.RunAsync(default);
        Assert.False(await fixture.IsThereAsync(held));
        Assert.True(await fixture.IsThereAsync(undecided));
    }

    [Theory, StoreEngines]
    public async Task A_reopened_case_keeps_its_evidence(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeReleasedAsync();
        await fixture.Cases.ReopenAsync(@case, "the uploader complained", HoldFixture.Ben, default);

        await fixture.SweepDailyAsync(2 * Month);

        Assert.True(await fixture.IsThereAsync(evidence));
    }

    [Theory, StoreEngines]
    public async Task A_reported_case_is_kept_its_year_even_when_nobody_placed_a_hold(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeAsync();
        await fixture.CloseAsync(@case, PlatformAction.Release);
        await fixture.Test.Store.WriteAsync(
            async transaction =>
            {
                await fixture.Cases.RecordReportedAsync(transaction, @case, "4001", fixture.Clock.GetUtcNow());
                return 0;
            },
            default);

        await fixture.PassAsync(TimeSpan.FromDays(371));
        Assert.Empty((await fixture.Sweep.RunAsync(default)).Destroyed);
        await fixture.SweepDailyAsync(TimeSpan.FromDays(1));

        Assert.False(await fixture.IsThereAsync(evidence));
    }

    [Theory, StoreEngines]
    public async Task Unconfirmed_EU_messages_go_at_the_next_sweep_and_undecided_ones_within_twelve_months(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        fixture.Retention = HoldFixture.Book(
            """{ "defaults": { "classes": ["us"], "destroyAfter": { "not-confirmed": "30 days" } }, "surfaces": { "dms": { "classes": ["eu-messages"] } } }""");
        var (message, _) = await fixture.TakeReleasedAsync("dms");
        var (undecided, _) = await fixture.TakeAsync("dms");
        var (avatar, _) = await fixture.TakeReleasedAsync("avatars");

        var first = await fixture.Sweep.RunAsync(default);
        await fixture.PassAsync(TimeSpan.FromDays(365));
        var second = await fixture.Sweep.RunAsync(default);

        Assert.Equal([message], first.Destroyed.Select(one => one.Id));
        Assert.Contains("2026/1881", first.Destroyed[0].Rule, StringComparison.Ordinal);
        Assert.Equal(
            new[] { undecided, avatar }.Select(id => id.ToString()).Order(StringComparer.Ordinal),
            second.Destroyed.Select(one => one.Id.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory, StoreEngines]
    public async Task A_dry_run_says_the_same_and_destroys_nothing(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();
        await fixture.Sweep.RunAsync(default);
        await fixture.PassAsync(Month);

        var rehearsed = await fixture.Sweep.RehearseAsync(default);
        var isThere = await fixture.IsThereAsync(evidence);
        var done = await fixture.Sweep.RunAsync(default);

        Assert.True(isThere);
        Assert.Equal(rehearsed.Destroyed, done.Destroyed);
        Assert.NotEmpty(done.Destroyed);
    }

    [Theory, StoreEngines]
    public async Task A_clock_that_jumps_a_year_destroys_nothing_until_a_person_confirms_it(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();
        await fixture.Sweep.RunAsync(default);

        fixture.Clock.Advance(TimeSpan.FromDays(366));
        for (var i = 0; i < 5; i++)
        {
            // A service that goes on with the wrong clock must not get used to it, whatever it writes meanwhile.
            await fixture.TakeAsync();
            fixture.Clock.Advance(TimeSpan.FromHours(1));
            var refused = Assert.IsType<SweepRefused.ClockAhead>((await fixture.Sweep.RunAsync(default)).Refusal);
            Assert.Contains("--confirm-clock 2028-03-0", refused.Reason, StringComparison.Ordinal);
        }

        Assert.True(await fixture.IsThereAsync(evidence));
        Assert.NotNull(await fixture.Sweep.ConfirmClockAsync(new DateOnly(2027, 3, 1), HoldFixture.Anna, default));
        await fixture.PassAsync(TimeSpan.Zero);
        Assert.Single((await fixture.Sweep.RunAsync(default)).Destroyed);
        Assert.Single(await fixture.EntriesAsync("clock.confirmed"));
    }

    [Theory, StoreEngines]
    public async Task A_clock_that_falls_back_destroys_nothing_and_is_trusted_again_when_it_is_right(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();
        await fixture.SweepDailyAsync(TimeSpan.FromDays(29));
        var right = fixture.Clock.GetUtcNow();

        fixture.Clock.AdjustTime(right.AddYears(-1));
        Assert.IsType<SweepRefused.ClockBehind>((await fixture.Sweep.RunAsync(default)).Refusal);
        fixture.Clock.AdjustTime(right);
        Assert.Null((await fixture.Sweep.RunAsync(default)).Refusal);

        Assert.True(await fixture.IsThereAsync(evidence));
    }

    [Theory, StoreEngines]
    public async Task Nothing_at_all_is_destroyed_while_any_hold_is_damaged_or_missing(TestEngine engine)
    {
        foreach (var damage in new[]
                 {
                     "UPDATE evidence_hold SET ends_at = 0 WHERE number = 1", "DELETE FROM evidence_hold WHERE number = 2",
                     "DELETE FROM evidence_hold WHERE number = 1", "UPDATE evidence_hold SET subject = 'case/cas_00000000000000000000000000000000' WHERE number = 1",
                     "UPDATE sweep_clock SET seen_at = seen_at + 1",
                 })
        {
            await using var fixture = await HoldFixture.CreateAsync(engine);
            var (unheld, _) = await fixture.TakeReleasedAsync();
            var (held, heldCase) = await fixture.TakeReleasedAsync();
            await fixture.PlaceAsync(HoldSubject.Of(heldCase), HoldBasis.FiledReport);
            await fixture.PlaceAsync(HoldSubject.Of(heldCase), HoldBasis.PoliceLetter);
            await fixture.PassAsync(2 * Month);
            await ExecuteAsync(fixture, damage);

            var refusal = await Record.ExceptionAsync(async () =>
                Assert.IsType<SweepRefused.HoldsDamaged>((await fixture.Sweep.RunAsync(default)).Refusal));

            Assert.True(refusal is null or Palisade.Storage.StoreUnusableException, damage);
            Assert.True(await fixture.IsThereAsync(unheld), damage);
            Assert.True(await fixture.IsThereAsync(held), damage);
        }
    }

    [Theory, StoreEngines]
    public async Task Evidence_with_a_damaged_record_is_left_alone_and_named_and_the_rest_is_swept(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (damaged, _) = await fixture.TakeReleasedAsync();
        var (other, otherCase) = await fixture.TakeReleasedAsync();
        var (due, _) = await fixture.TakeReleasedAsync();
        await fixture.PassAsync(Month);
        await ExecuteAsync(fixture, $"UPDATE evidence SET case_id = '{otherCase}' WHERE id = '{damaged}'");
        await ExecuteAsync(fixture, $"UPDATE review_case SET due_at = 0 WHERE id = '{otherCase}'");

        var outcome = await fixture.Sweep.RunAsync(default);

        Assert.Equal([due], outcome.Destroyed.Select(one => one.Id));
        Assert.Equal(2, outcome.Damaged.Count);
        Assert.Contains(outcome.Damaged, text => text.Contains(damaged.ToString(), StringComparison.Ordinal));
        Assert.Contains(outcome.Damaged, text => text.Contains(other.ToString(), StringComparison.Ordinal));
    }

    [Theory, StoreEngines]
    public async Task Nothing_is_destroyed_while_two_laws_exclude_each_other_and_nobody_has_chosen(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        fixture.Retention = HoldFixture.Book(
            """{ "defaults": { "classes": ["us", "eu-messages"], "destroyAfter": { "not-confirmed": "30 days" } } }""");
        var (evidence, _) = await fixture.TakeReleasedAsync();

        var refused = await fixture.Sweep.RunAsync(default);
        var conflict = Assert.Single(fixture.Retention.Unsettled([]));
        Assert.NotNull(await fixture.Choices.RecordAsync(conflict, conflict.Shortest, " ", HoldFixture.Anna, default));
        Assert.Null(await fixture.Choices.RecordAsync(conflict, conflict.Shortest, "counsel says so", HoldFixture.Anna, default));
        var swept = await fixture.Sweep.RunAsync(default);

        Assert.IsType<SweepRefused.LawsUnsettled>(refused.Refusal);
        Assert.Equal([evidence], swept.Destroyed.Select(one => one.Id));
        var entry = Assert.Single(await fixture.EntriesAsync("retention.chosen"));
        Assert.Contains("2258A(h)(1)", entry.Reason, StringComparison.Ordinal);
        Assert.Contains("2026/1881", entry.Reason, StringComparison.Ordinal);
    }

    [Theory, StoreEngines]
    public async Task Nothing_is_destroyed_when_the_audit_log_takes_no_entry(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();
        await fixture.PassAsync(Month);
        await ExecuteAsync(fixture, "ALTER TABLE audit_entry RENAME TO audit_entry_away");

        await Assert.ThrowsAnyAsync<Exception>(() => fixture.Sweep.RunAsync(default));
        await ExecuteAsync(fixture, "ALTER TABLE audit_entry_away RENAME TO audit_entry");

        Assert.True(await fixture.IsThereAsync(evidence));
        Assert.Single((await fixture.Sweep.RunAsync(default)).Destroyed);
    }

    [Theory, StoreEngines]
    public async Task Sweeps_at_the_same_time_and_under_load_destroy_each_piece_once_and_nothing_else(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var due = new List<EvidenceId>();
        for (var i = 0; i < 20; i++)
        {
            due.Add((await fixture.TakeReleasedAsync()).Evidence);
        }

        await fixture.PassAsync(Month);
        var raced = new List<(EvidenceId Evidence, bool IsHeld)>();
        async Task HoldSomeAsync()
        {
            foreach (var evidence in due.Where((_, i) => i % 3 == 0))
            {
                var placed = await fixture.Holds.PlaceAsync(
                    new HoldRequest { Subject = HoldSubject.Of(evidence), Basis = HoldBasis.PoliceLetter }, HoldFixture.Ben, default);
                raced.Add((evidence, !placed.IsRefused));
            }
        }

        async Task<List<EvidenceId>> TakeMoreAsync()
        {
            var taken = new List<EvidenceId>();
            for (var i = 0; i < 20; i++)
            {
                taken.Add((await fixture.TakeAsync()).Evidence);
            }

            return taken;
        }

        var taking = Task.Run(TakeMoreAsync);
        await Task.WhenAll(
            taking, Task.Run(HoldSomeAsync), Task.Run(() => fixture.Sweep.RunAsync(default)), Task.Run(() => fixture.Sweep.RunAsync(default)),
            Task.Run(() => fixture.Sweep.RunAsync(default)));
        await fixture.Sweep.RunAsync(default);

        foreach (var evidence in due)
        {
            var isHeld = raced.Contains((evidence, true));
            Assert.Equal(isHeld, await fixture.IsThereAsync(evidence));
        }

        foreach (var evidence in await taking)
        {
            Assert.True(await fixture.IsThereAsync(evidence));
        }

        var results = await fixture.EntriesAsync("evidence.destroyed");
        Assert.Equal(results.Count, results.Select(entry => entry.Subject).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(due.Count - raced.Count(one => one.IsHeld), results.Count);
    }

    private static Task<long> CountAsync(HoldFixture fixture, string sql) =>
        fixture.Test.Store.ReadAsync(connection => connection.QuerySingleAsync<long>(sql), default);

    private static Task<int> ExecuteAsync(HoldFixture fixture, string sql) => fixture.Test.Store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(sql, transaction: transaction), default);
}
