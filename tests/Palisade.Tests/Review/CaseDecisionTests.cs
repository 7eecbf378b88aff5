using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Testing;

namespace Palisade.Tests.Review;

public sealed class CaseDecisionTests
{
    private static readonly Actor Berta = Actor.CommandLine("berta");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory, StoreEngines]
    public async Task Nothing_leaves_before_the_undo_time_is_over_and_then_the_platform_is_told(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);

        Assert.False((await DecideAsync(room, opened.Id, CaseOutcome.Benign)).IsRefused);
        _clock.Advance(new ReviewOptions().UndoWithin - TimeSpan.FromMilliseconds(1));
        var early = await room.Cases.ApplyDueAsync(default);

        Assert.Equal((0, _clock.GetUtcNow().AddMilliseconds(1)), (early.Applied, early.Next!.Value));
        Assert.Single(await room.Feed.ReadAfterAsync(0, 10, default));

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, null), await room.Cases.ApplyDueAsync(default));
        Assert.Equal((0, null), await room.Cases.ApplyDueAsync(default));

        var lines = await room.Feed.ReadAfterAsync(1, 10, default);
        Assert.Equal((VerdictAction.Allow, PlatformAction.Release), (Assert.Single(lines).Verdict, lines[0].Action));
        Assert.Equal(CaseState.Closed, (await room.Cases.FindAsync(opened.Id, default))!.State);
    }

    [Theory, StoreEngines]
    public async Task An_undone_decision_has_no_effect_and_its_line_stays_with_the_time_of_undoing(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        await DecideAsync(room, opened.Id, CaseOutcome.ApparentAbuseMaterial);

        var undone = await room.Cases.UndoAsync(opened.Id, CaseRoom.Anna, default);
        _clock.Advance(TimeSpan.FromHours(1));
        var (applied, _) = await room.Cases.ApplyDueAsync(default);

        Assert.Equal((0, CaseState.InReview), (applied, undone.Value!.State));
        Assert.Single(await room.Feed.ReadAfterAsync(0, 10, default));
        var detail = (await room.Cases.ViewAsync(opened.Id, CaseRoom.Anna, default))!;
        Assert.NotNull(Assert.Single(detail.Decisions).UndoneAt);
        Assert.IsType<CaseRefused.TooLateToUndo>((await room.Cases.UndoAsync(opened.Id, CaseRoom.Anna, default)).Refusal);
    }

    [Theory, StoreEngines]
    public async Task A_decision_survives_the_end_of_the_process_in_its_undo_time(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        await DecideAsync(room, opened.Id, CaseOutcome.Benign);
        _clock.Advance(TimeSpan.FromMinutes(5));

        await using var other = await room.AnotherNodeAsync();

        Assert.Equal(1, (await other.Cases.ApplyDueAsync(default)).Applied);
        Assert.Equal(0, (await room.Cases.ApplyDueAsync(default)).Applied);
        Assert.Equal(2, (await room.Feed.ReadAfterAsync(0, 10, default)).Count);
    }

    [Theory, StoreEngines]
    public async Task A_threat_to_life_is_effective_at_once_and_what_follows_is_in_the_same_transaction(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        EffectiveDecision? seen = null;
        room.Cases.Follow(new DecisionEffect { Apply = (_, effective) => { seen = effective; return Task.CompletedTask; } });

        var answer = await room.Cases.DecideAsync(
            opened.Id,
            new DecisionRequest { Outcome = CaseOutcome.ApparentAbuseMaterial, ThreatToLife = true, Reason = "says where and when" },
            CaseRoom.Anna,
            default);

        Assert.Equal(CaseState.Decided, answer.Value!.State);
        Assert.True(seen!.IsConfirmed);
        Assert.Equal(2, (await room.Feed.ReadAfterAsync(0, 10, default)).Count);
        Assert.IsType<CaseRefused.TooLateToUndo>((await room.Cases.UndoAsync(opened.Id, CaseRoom.Anna, default)).Refusal);
    }

    [Theory, StoreEngines]
    public async Task When_what_follows_fails_the_decision_waits_and_the_platform_was_told_nothing(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        var fails = true;
        room.Cases.Follow(new DecisionEffect
        {
            Apply = (_, _) => fails ? throw new IOException("no") : Task.CompletedTask,
        });
        await DecideAsync(room, opened.Id, CaseOutcome.ApparentAbuseMaterial);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, (await room.Cases.ApplyDueAsync(default)).Applied);
        Assert.Single(await room.Feed.ReadAfterAsync(0, 10, default));

        fails = false;
        Assert.Equal(1, (await room.Cases.ApplyDueAsync(default)).Applied);
        Assert.Equal(2, (await room.Feed.ReadAfterAsync(0, 10, default)).Count);
    }

    [Theory, StoreEngines]
    public async Task One_decision_that_cannot_become_effective_does_not_hold_up_the_others(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var first = await OpenAsync(room);
        var another = new KeptMatch("canary-bank", "2", "md5", 0, 0, "original", 0, Shadow: false);
        await room.ScanAsync(room.Record(VerdictAction.Hold, "another", new string('b', 64), another));
        var second = Assert.Single(await room.AllAsync(), one => one.Id != first.Id);
        room.Cases.Follow(new DecisionEffect
        {
            Apply = (_, effective) => effective.Case.Id == first.Id ? throw new IOException("no") : Task.CompletedTask,
        });
        await DecideAsync(room, first.Id, CaseOutcome.Benign);
        await DecideAsync(room, second.Id, CaseOutcome.Benign);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, (await room.Cases.ApplyDueAsync(default)).Applied);
        Assert.Equal(CaseState.Closed, (await room.Cases.FindAsync(second.Id, default))!.State);
    }

    [Theory, StoreEngines]
    public async Task Undone_too_late_a_decision_still_becomes_effective(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        await DecideAsync(room, opened.Id, CaseOutcome.Benign);
        _clock.Advance(new ReviewOptions().UndoWithin);

        Assert.IsType<CaseRefused.TooLateToUndo>((await room.Cases.UndoAsync(opened.Id, CaseRoom.Anna, default)).Refusal);
        Assert.Equal(1, (await room.Cases.ApplyDueAsync(default)).Applied);
    }

    [Theory, StoreEngines]
    public async Task A_decided_case_is_not_taken_up_again_without_taking_back_what_followed(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        await DecideAsync(room, opened.Id, CaseOutcome.ApparentAbuseMaterial);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await room.Cases.ApplyDueAsync(default);

        Assert.IsType<CaseRefused.AlreadyDecided>((await room.Cases.AssignAsync(opened.Id, Berta, CaseRoom.Anna, default)).Refusal);
    }

    [Theory, StoreEngines]
    public async Task Whoever_asked_for_a_second_look_neither_decides_nor_closes_whatever_came_between(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        await DecideAsync(room, opened.Id, CaseOutcome.SecondLook);
        await room.Cases.DecideAsync(opened.Id, new DecisionRequest { Outcome = CaseOutcome.Benign, Reason = "seen" }, Berta, default);
        await room.Cases.UndoAsync(opened.Id, Berta, default);

        Assert.IsType<CaseRefused.SamePerson>((await DecideAsync(room, opened.Id, CaseOutcome.Benign)).Refusal);
        Assert.IsType<CaseRefused.SamePerson>(
            (await room.Cases.CloseAsync(opened.Id, PlatformAction.Release, "seen", null, CaseRoom.Anna, default)).Refusal);
    }

    [Theory, StoreEngines]
    public async Task A_second_look_is_another_persons(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);

        var asked = await DecideAsync(room, opened.Id, CaseOutcome.SecondLook);

        Assert.Equal((CaseState.Open, null), (asked.Value!.State, asked.Value.Owner));
        Assert.IsType<CaseRefused.SamePerson>((await DecideAsync(room, opened.Id, CaseOutcome.Benign)).Refusal);
        Assert.False((await room.Cases.DecideAsync(
            opened.Id, new DecisionRequest { Outcome = CaseOutcome.Benign, Reason = "a harbour" }, Berta, default)).IsRefused);
    }

    [Theory, StoreEngines]
    public async Task What_comes_after_a_decision_was_not_seen_and_opens_a_case_of_its_own(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var sha = new string('a', 64);
        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: sha));
        var opened = Assert.Single(await room.AllAsync());
        await DecideAsync(room, opened.Id, CaseOutcome.Benign);

        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: sha));

        Assert.Equal(2, (await room.AllAsync()).Count);
    }

    [Theory, StoreEngines]
    public async Task A_waiting_decision_is_not_closed_over_or_handed_on(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        await DecideAsync(room, opened.Id, CaseOutcome.ApparentAbuseMaterial);

        Assert.IsType<CaseRefused.DecisionWaiting>(
            (await room.Cases.CloseAsync(opened.Id, PlatformAction.Release, "no", null, CaseRoom.Anna, default)).Refusal);
        Assert.IsType<CaseRefused.DecisionWaiting>(
            (await room.Cases.AssignAsync(opened.Id, Berta, CaseRoom.Anna, default)).Refusal);
        Assert.IsType<CaseRefused.WrongState>((await DecideAsync(room, opened.Id, CaseOutcome.Benign)).Refusal);
    }

    [Theory, StoreEngines]
    public async Task Words_that_no_authority_knows_are_refused(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var opened = await OpenAsync(room);
        var request = new DecisionRequest { Outcome = CaseOutcome.OtherReportableOffence, Reason = "seen" };

        Assert.IsType<CaseRefused.IncidentTypeNeeded>((await room.Cases.DecideAsync(opened.Id, request, CaseRoom.Anna, default)).Refusal);
        foreach (var facts in new[] { new ReportFacts("rudeness", null, []), new("online-enticement", "C1", []), new("online-enticement", null, ["ugly"]) })
        {
            var refused = await room.Cases.DecideAsync(opened.Id, request with { Report = facts }, CaseRoom.Anna, default);
            Assert.IsType<CaseRefused.UnknownWord>(refused.Refusal);
        }
    }

    private static async Task<Case> OpenAsync(CaseRoom room)
    {
        await room.ScanAsync(room.Record(VerdictAction.Hold), [1, 2, 3]);
        return Assert.Single(await room.AllAsync());
    }

    private static Task<CaseAnswer<Case>> DecideAsync(CaseRoom room, CaseId id, CaseOutcome outcome) => room.Cases.DecideAsync(
        id, new DecisionRequest { Outcome = outcome, Reason = "seen" }, CaseRoom.Anna, default);
}
