using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Policy;
using Palisade.Scanning;

namespace Palisade.Tests.Policy;

public sealed class ServicePolicyTests
{
    private static readonly Bank Known = SampleBank.With(BankPurpose.KnownMaterial);

    [Fact]
    public void Nothing_found_is_allowed_without_a_reason()
    {
        var verdict = Judge([]);

        Assert.Equal(VerdictAction.Allow, verdict.Action);
        Assert.Empty(verdict.Reasons);
        Assert.False(verdict.IsKept);
    }

    [Theory]
    [InlineData(SignalType.Sha256, VerdictAction.Block, Reasons.MatchExact)]
    [InlineData(SignalType.Pdq, VerdictAction.Hold, Reasons.MatchNear)]
    public void The_kind_of_match_decides(SignalType type, VerdictAction action, string reason)
    {
        var verdict = Judge([MatchOf(type, Known)]);

        Assert.Equal(action, verdict.Action);
        Assert.Equal([reason], verdict.Reasons);
    }

    [Theory]
    [InlineData(SignalType.Md5)]
    [InlineData(SignalType.Sha1)]
    public void A_digest_that_can_be_forged_holds_and_never_blocks_alone(SignalType type)
    {
        var verdict = Judge([MatchOf(type, Known)]);

        Assert.Equal(VerdictAction.Hold, verdict.Action);
        Assert.Equal([Reasons.MatchExact, Reasons.WeakDigest], verdict.Reasons);
    }

    [Fact]
    public void A_weak_digest_counts_fully_when_sha256_of_the_same_bank_agrees()
    {
        var verdict = Judge([MatchOf(SignalType.Md5, Known), MatchOf(SignalType.Sha256, Known)]);

        Assert.Equal(VerdictAction.Block, verdict.Action);
        Assert.Equal([Reasons.MatchExact], verdict.Reasons);
    }

    [Fact]
    public void A_weak_digest_is_not_confirmed_by_another_bank()
    {
        var other = SampleBank.With(BankPurpose.ProtectedPhoto, id: 2);

        var verdict = Judge([MatchOf(SignalType.Md5, Known), MatchOf(SignalType.Sha256, other)]);

        Assert.Equal(VerdictAction.Hold, verdict.Action);
    }

    [Theory]
    [InlineData(VerdictAction.Allow)]
    [InlineData(VerdictAction.Hold)]
    [InlineData(VerdictAction.Block)]
    public void A_bank_never_leads_to_more_than_its_allowed_action(VerdictAction allowed)
    {
        var bank = SampleBank.With(BankPurpose.KnownMaterial, allowed: allowed);

        var verdict = Judge([MatchOf(SignalType.Sha256, bank)]);

        Assert.Equal(allowed, verdict.Action);
        Assert.True(verdict.IsKept);
    }

    [Fact]
    public void The_strongest_action_wins_whatever_the_order()
    {
        var near = MatchOf(SignalType.Pdq, Known);
        var exact = MatchOf(SignalType.Sha256, Known);

        Assert.Equal(VerdictAction.Block, Judge([near, exact]).Action);
        Assert.Equal(VerdictAction.Block, Judge([exact, near]).Action);
    }

    [Fact]
    public void A_match_on_probation_is_recorded_and_never_acts()
    {
        var verdict = Judge([], shadow: [MatchOf(SignalType.Sha256, Known) with { IsShadow = true }]);

        Assert.Equal(VerdictAction.Allow, verdict.Action);
        Assert.Empty(verdict.Reasons);
        Assert.Single(verdict.ShadowMatches);
        Assert.True(verdict.IsKept);
    }

    [Fact]
    public void A_picture_that_cannot_be_read_is_held_with_the_reason()
    {
        var verdict = Judge([], new DecodeOutcome.Undecodable(UndecodableReason.TooManyScans, ""));

        Assert.Equal(VerdictAction.Hold, verdict.Action);
        Assert.Equal(["undecodable:too-many-scans"], verdict.Reasons);
    }

    [Fact]
    public void A_file_that_is_no_picture_is_held()
    {
        var verdict = Judge([], new DecodeOutcome.Refused(""));

        Assert.Equal(VerdictAction.Hold, verdict.Action);
        Assert.Equal([Reasons.Refused], verdict.Reasons);
    }

    [Fact]
    public void Bytes_that_cannot_be_read_still_block_by_their_digest()
    {
        var verdict = Judge([MatchOf(SignalType.Sha256, Known)], new DecodeOutcome.Undecodable(UndecodableReason.Corrupt, ""));

        Assert.Equal(VerdictAction.Block, verdict.Action);
        Assert.Equal([Reasons.MatchExact, "undecodable:corrupt"], verdict.Reasons);
    }

    [Fact]
    public void Every_reason_a_verdict_can_give_is_on_the_fixed_list()
    {
        foreach (var reason in Enum.GetValues<UndecodableReason>())
        {
            var verdict = Judge([MatchOf(SignalType.Md5, Known)], new DecodeOutcome.Undecodable(reason, ""));

            Assert.All(verdict.Reasons, said => Assert.Contains(said, Reasons.All, StringComparer.Ordinal));
        }
    }

    private static Verdict Judge(Match[] matches, DecodeOutcome? outcome = null, Match[]? shadow = null)
    {
        Assert.True(PolicyBook.TryParse(DefaultPolicy.Text, out var book, out _));
        return book.Find("avatars")!.Judge(
            new MatchFindings
            {
                IndexGeneration = 7,
                Matches = matches,
                Shadow = shadow ?? [],
                Overruled = [],
                IsLowQuality = false,
            },
            outcome);
    }

    private static Match MatchOf(SignalType type, Bank bank) => new()
    {
        Bank = bank,
        Signal = new SignalId(1),
        Type = type,
        DistanceBits = 0,
        ThresholdBits = 0,
    };
}
