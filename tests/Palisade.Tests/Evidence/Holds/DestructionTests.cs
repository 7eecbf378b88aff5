using System.Security.Cryptography;
using System.Text;
using Dapper;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Testing;

namespace Palisade.Tests.Evidence.Holds;

/// <summary>Duty table 8: destruction that can be accounted for, whatever breaks on the way.</summary>
public sealed class DestructionTests
{
    private static readonly AuthorityRequest Request = new(
        "County police, unit 4", "27-114", HoldFixture.Start, "A. Berg", "called back at the number in the state's directory");

    [Theory, StoreEngines]
    public async Task A_crash_after_any_step_is_ended_by_the_next_sweep(TestEngine engine)
    {
        for (var stepsDone = 0; stepsDone <= 3; stepsDone++)
        {
            await using var fixture = await HoldFixture.CreateAsync(engine);
            var (evidence, _) = await fixture.TakeReleasedAsync();
            await fixture.PassAsync(TimeSpan.FromDays(30));
            await BeginAsync(fixture, evidence, stepsDone);
            Assert.Equal(stepsDone == 0, await fixture.IsThereAsync(evidence));
            Assert.Null(await fixture.Destructions.FindCertificateAsync(evidence, default));

            var outcome = await fixture.Sweep.RunAsync(default);

            Assert.Equal((1, 1), (outcome.Resumed, outcome.Destroyed.Count));
            Assert.False(await fixture.IsThereAsync(evidence));
            Assert.Empty(fixture.FilesLeft());
            var begun = Assert.Single(await fixture.EntriesAsync("evidence.destruction-begun"));
            var result = Assert.Single(await fixture.EntriesAsync("evidence.destroyed"));
            Assert.Equal(begun.Number, result.ResultOf);
            await AssertCertificateAsync(fixture, evidence);
            Assert.Empty((await fixture.Sweep.RunAsync(default)).Destroyed);
        }
    }

    [Theory, StoreEngines]
    public async Task The_announcement_is_durable_before_anything_goes(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();
        await fixture.PassAsync(TimeSpan.FromDays(30));

        // Cancelled before the first step after the announcement: what a reader of the store sees then is what a crash leaves.
        using var cancelled = new CancellationTokenSource();
        var record = await BeginAsync(fixture, evidence, steps: 0);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.Destructions.FinishAsync(record, cancelled.Token));

        Assert.Single(await fixture.EntriesAsync("evidence.destruction-begun"));
        Assert.True(await fixture.IsThereAsync(evidence));
    }

    [Theory, StoreEngines]
    public async Task A_hold_that_comes_between_announcement_and_act_saves_the_evidence(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeReleasedAsync();
        await fixture.PassAsync(TimeSpan.FromDays(30));
        await BeginAsync(fixture, evidence, steps: 0);
        await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.PoliceLetter);

        var outcome = await fixture.Sweep.RunAsync(default);

        Assert.Empty(outcome.Destroyed);
        Assert.True(await fixture.IsThereAsync(evidence));
        Assert.Single(await fixture.EntriesAsync("evidence.destruction-stopped"));

        // Once the letter has ended it is announced anew.
        await fixture.PassAsync(TimeSpan.FromDays(90));
        Assert.Single((await fixture.Sweep.RunAsync(default)).Destroyed);
        await AssertCertificateAsync(fixture, evidence);
    }

    [Theory, StoreEngines]
    public async Task A_certificate_names_what_it_was_and_by_which_rule_and_only_the_true_one_verifies(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeReleasedAsync();
        var record = (await fixture.Vault.FindAsync(evidence, default))!;
        await fixture.PassAsync(TimeSpan.FromDays(30));
        await fixture.Sweep.RunAsync(default);

        var certificate = await AssertCertificateAsync(fixture, evidence);
        var text = Encoding.UTF8.GetString(certificate.Text.Span);
        var another = certificate with { Text = Encoding.UTF8.GetBytes(text.Replace("policy", "Policy", StringComparison.Ordinal)) };

        Assert.All(
            [evidence.ToString(), @case.ToString(), Convert.ToHexStringLower(record.SealedSha256), "not-confirmed for 30 days"],
            part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.NotNull(await fixture.Destructions.VerifyAsync(evidence, another, default));
        Assert.NotNull(await fixture.Destructions.VerifyAsync(evidence, certificate with { ResultEntry = 1 }, default));
        Assert.NotNull(await fixture.Destructions.VerifyAsync(EvidenceId.New(), certificate, default));
    }

    [Theory, StoreEngines]
    public async Task A_police_request_to_destroy_takes_two_people_and_has_its_own_record(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeAsync();
        var hold = await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport);

        var asked = Assert.IsType<DestructionAnswer.Asked>(
            await fixture.Destructions.AskForAuthorityAsync(evidence, Request, "their letter", HoldFixture.Anna, default));
        var alone = await fixture.Destructions.DestroyForAuthorityAsync(evidence, Request, asked.Approval, HoldFixture.Anna, default);
        Assert.Null(await fixture.Approvals.ApproveAsync(asked.Approval, HoldFixture.Ben, default));
        var other = await fixture.Destructions.DestroyForAuthorityAsync(
            evidence, Request with { Reference = "27-115" }, asked.Approval, HoldFixture.Anna, default);
        Assert.True(await fixture.IsThereAsync(evidence));
        var done = await fixture.Destructions.DestroyForAuthorityAsync(evidence, Request, asked.Approval, HoldFixture.Anna, default);

        Assert.IsType<DestructionAnswer.Refused>(alone);
        Assert.IsType<DestructionAnswer.Refused>(other);
        Assert.IsType<DestructionAnswer.Done>(done);
        Assert.False(await fixture.IsThereAsync(evidence));
        Assert.Empty(fixture.FilesLeft());
        Assert.NotNull((await fixture.Holds.FindAsync(hold.Number, default)).Value!.LiftedAt);
        Assert.Single(await fixture.EntriesAsync("hold.lifted"));
        var text = Encoding.UTF8.GetString((await AssertCertificateAsync(fixture, evidence)).Text.Span);
        Assert.All(
            ["2258B(c)(2)", "County police, unit 4", "27-114", "A. Berg", "called back", "\"liftedHolds\""],
            part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Theory, StoreEngines]
    public async Task Another_authoritys_hold_does_not_yield_to_a_request_to_destroy(TestEngine engine)
    {
        foreach (var basis in Enum.GetValues<HoldBasis>().Where(basis => !HoldRule.Of(basis).YieldsToDestruction))
        {
            await using var fixture = await HoldFixture.CreateAsync(engine);
            var (evidence, @case) = await fixture.TakeAsync();
            var asked = Assert.IsType<DestructionAnswer.Asked>(
                await fixture.Destructions.AskForAuthorityAsync(evidence, Request, "their letter", HoldFixture.Anna, default));
            Assert.Null(await fixture.Approvals.ApproveAsync(asked.Approval, HoldFixture.Ben, default));
            await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.FiledReport);
            await fixture.PlaceAsync(HoldSubject.Of(@case), basis, HoldRule.Of(basis).Usual is null ? HoldFixture.Start.AddDays(100) : null);

            var refused = Assert.IsType<DestructionAnswer.Refused>(
                await fixture.Destructions.DestroyForAuthorityAsync(evidence, Request, asked.Approval, HoldFixture.Anna, default));
            var askedAgain = await fixture.Destructions.AskForAuthorityAsync(evidence, Request, "their letter", HoldFixture.Anna, default);

            Assert.Contains(HoldRule.Of(basis).Source, refused.Reason, StringComparison.Ordinal);
            Assert.IsType<DestructionAnswer.Refused>(askedAgain);
            Assert.True(await fixture.IsThereAsync(evidence));
            Assert.Empty(await fixture.EntriesAsync("hold.lifted"));
        }
    }

    [Theory, StoreEngines]
    public async Task A_request_to_destroy_waits_while_the_clock_is_in_doubt(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, @case) = await fixture.TakeAsync();
        await fixture.PlaceAsync(HoldSubject.Of(@case), HoldBasis.PoliceLetter);
        await fixture.Sweep.RunAsync(default);

        // By this clock the letter has ended.
        fixture.Clock.Advance(TimeSpan.FromDays(366));
        var asked = Assert.IsType<DestructionAnswer.Asked>(
            await fixture.Destructions.AskForAuthorityAsync(evidence, Request, "their letter", HoldFixture.Anna, default));
        Assert.Null(await fixture.Approvals.ApproveAsync(asked.Approval, HoldFixture.Ben, default));
        var answer = await fixture.Destructions.DestroyForAuthorityAsync(evidence, Request, asked.Approval, HoldFixture.Anna, default);

        Assert.Contains("--confirm-clock", Assert.IsType<DestructionAnswer.Refused>(answer).Reason, StringComparison.Ordinal);
        Assert.True(await fixture.IsThereAsync(evidence));
    }

    [Theory]
    [InlineData("", "27-114", "A. Berg", "called back")]
    [InlineData("County police", " ", "A. Berg", "called back")]
    [InlineData("County police", "27-114", "", "called back")]
    [InlineData("County police", "27-114", "A. Berg", "")]
    public void A_request_without_authority_reference_or_verification_is_none(
        string authority, string reference, string verifiedBy, string verification)
    {
        var request = new AuthorityRequest(authority, reference, HoldFixture.Start, verifiedBy, verification);

        Assert.NotNull(request.Fault(HoldFixture.Start));
        Assert.NotNull((Request with { ReceivedAt = HoldFixture.Start.AddDays(3) }).Fault(HoldFixture.Start));
        Assert.Null(Request.Fault(HoldFixture.Start));
    }

    [Theory, StoreEngines]
    public async Task A_changed_record_of_a_destruction_is_not_believed(TestEngine engine)
    {
        await using var fixture = await HoldFixture.CreateAsync(engine);
        var (evidence, _) = await fixture.TakeReleasedAsync();
        await fixture.PassAsync(TimeSpan.FromDays(30));
        await fixture.Sweep.RunAsync(default);
        await fixture.Test.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync("UPDATE destruction SET begun_at = begun_at + 1", transaction: transaction), default);

        await Assert.ThrowsAsync<Palisade.Storage.StoreUnusableException>(
            () => fixture.Destructions.FindCertificateAsync(evidence, default));
    }

    /// <summary>Announces the destruction and does the first steps after it, as a process that is killed then.</summary>
    private static async Task<DestructionRecord> BeginAsync(HoldFixture fixture, EvidenceId id, int steps)
    {
        var record = await fixture.Test.Store.WriteAsync(
            async transaction => await fixture.Destructions.BeginAsync(
                transaction, (await fixture.Vault.FindAsync(transaction, id))!, "retention of avatars", Palisade.Audit.Actor.Palisade, null, []),
            default);
        if (steps >= 1)
        {
            record = await fixture.Destructions.DestroyKeysAsync(record);
        }

        if (steps == 2)
        {
            // Between unlinking and the folder's sync: the file is gone, and nobody has noted it.
            File.Delete(Assert.Single(fixture.FilesLeft()));
        }
        else if (steps == 3)
        {
            await fixture.Destructions.RemoveBytesAsync(record);
        }

        return record;
    }

    private static async Task<DestructionCertificate> AssertCertificateAsync(HoldFixture fixture, EvidenceId id)
    {
        var certificate = await fixture.Destructions.FindCertificateAsync(id, default);
        Assert.NotNull(certificate);
        Assert.Null(await fixture.Destructions.VerifyAsync(id, certificate, default));
        var entry = await fixture.Audit.FindAsync(certificate.ResultEntry, default);
        Assert.Equal(SHA256.HashData(certificate.Text.Span), entry!.Digest);
        return certificate;
    }
}
