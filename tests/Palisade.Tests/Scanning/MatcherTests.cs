using Microsoft.Extensions.Time.Testing;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Tests.Scanning;

public sealed class MatcherTests : IAsyncLifetime
{
    private static readonly FileDigests Digests = DigestCalculator.Compute("one file"u8);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private BanksInMemory _banks = null!;

    public async ValueTask InitializeAsync() => _banks = await BanksInMemory.CreateAsync(_clock);

    public ValueTask DisposeAsync() => _banks.DisposeAsync();

    [Theory]
    [InlineData(0, true)]
    [InlineData(31, true)]
    [InlineData(32, false)]
    public async Task A_picture_matches_up_to_its_banks_own_distance(int bits, bool isMatch)
    {
        var bank = await _banks.BankAsync("ours");
        await _banks.AddAsync(bank, new SignalValue(HashOf(1)));
        var wide = await _banks.BankAsync("wide", settings: new BankSettings { MaxDistanceBits = 60 });
        await _banks.AddAsync(wide, new SignalValue(HashOf(2)));

        var findings = await FindAsync(Picture(Flip(HashOf(1), bits)));

        Assert.Equal(isMatch ? [bits] : [], findings.Matches.Select(match => match.DistanceBits));
        Assert.All(findings.Matches, match => Assert.Equal(31, match.ThresholdBits));
    }

    [Fact]
    public async Task Each_orientation_is_found_and_named_only_when_all_are_asked_for()
    {
        var bank = await _banks.BankAsync("ours");
        var hashes = default(DihedralHashes);
        foreach (var orientation in Enum.GetValues<Orientation>())
        {
            hashes[orientation] = HashOf(100 + (int)orientation);
            await _banks.AddAsync(bank, new SignalValue(hashes[orientation]));
        }

        var frame = new FrameFingerprint(0, new PdqFingerprint(hashes, 80), new PdqFingerprint(hashes, 80));
        var all = await FindAsync([frame], Policy with { AllOrientations = true });
        var stored = await FindAsync([frame]);

        Assert.Equal(Enum.GetValues<Orientation>(), all.Matches.Select(match => match.Orientation).Order());
        Assert.Equal(Orientation.Original, Assert.Single(stored.Matches).Orientation);
    }

    [Fact]
    public async Task An_upload_that_matches_nothing_allocates_no_more_than_its_findings()
    {
        var bank = await _banks.BankAsync("ours");
        for (var number = 0; number < 40; number++)
        {
            await _banks.AddAsync(bank, new SignalValue(HashOf(1000 + number)));
        }

        var hashes = default(DihedralHashes);
        foreach (var orientation in Enum.GetValues<Orientation>())
        {
            hashes[orientation] = HashOf((int)orientation);
        }

        var policy = Policy with { AllOrientations = true };
        var picture = new PictureFacts
        {
            Format = "jpeg",
            Width = 8,
            Height = 8,
            Frames = [new FrameFingerprint(0, new PdqFingerprint(hashes, 80), null)],
        };
        var upload = Fingerprints.Of(Digests, new DecodeOutcome.Decoded(picture), policy);
        var generation = await _banks.GenerationAsync(_clock);
        var scratch = new MatchScratch();
        var share = new UploadShare(0);
        Matcher.Find(generation, policy, upload, share, _clock.GetUtcNow(), scratch);
        const int uploads = 100;

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < uploads; count++)
        {
            Matcher.Find(generation, policy, upload, share, default, scratch);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(8, upload.Needles.Count);
        Assert.InRange(allocated / uploads, 0, 64);
    }

    [Theory]
    [InlineData(31, 14, 60, false)]
    [InlineData(31, 15, 60, true)]
    [InlineData(100, 0, 60, true)]
    [InlineData(100, 0, 59, false)]
    public async Task An_estimate_rules_a_match_out_beyond_distance_and_margin_and_with_enough_quality(
        int bits, int moreBits, int quality, bool isRuledOut)
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        var estimate = new PictureEstimate(Print(Flip(HashOf(1), bits + moreBits), quality));

        Assert.Equal(isRuledOut, await RulesOutAsync(estimate, Policy));
    }

    [Fact]
    public async Task An_estimate_rules_a_match_out_in_every_orientation_that_is_asked_for()
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        var hashes = default(DihedralHashes);
        foreach (var orientation in Enum.GetValues<Orientation>())
        {
            hashes[orientation] = HashOf(100 + (int)orientation);
        }

        hashes[Orientation.FlipMinus1] = Flip(HashOf(1), 40);
        var estimate = new PictureEstimate(new PdqFingerprint(hashes, 80));

        Assert.False(await RulesOutAsync(estimate, Policy with { AllOrientations = true }));
        Assert.True(await RulesOutAsync(estimate, Policy));
    }

    [Fact]
    public async Task Where_no_bank_applies_an_estimate_of_any_quality_rules_everything_out()
    {
        var estimate = new PictureEstimate(Print(HashOf(1), 0));
        var nothing = await RulesOutAsync(estimate, Policy);
        await _banks.BankAsync("ours", BankPurpose.NeverMatch);

        Assert.True(nothing);
        Assert.True(await RulesOutAsync(estimate, Policy));
    }

    [Fact]
    public async Task Every_frame_of_an_animation_is_matched()
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));

        var findings = await FindAsync([.. Picture(HashOf(5)), .. Picture(HashOf(1), frame: 7)]);

        Assert.Equal(7, Assert.Single(findings.Matches).Frame);
    }

    [Theory]
    [InlineData(50, true)]
    [InlineData(49, false)]
    public async Task An_upload_under_the_banks_least_quality_is_matched_by_its_digests_alone(int quality, bool isNear)
    {
        var bank = await _banks.BankAsync("ours");
        await _banks.AddAsync(bank, new SignalValue(HashOf(1)));
        await _banks.AddAsync(bank, new SignalValue(Digests.Sha256));

        var findings = await FindAsync(Picture(HashOf(1), quality: quality));

        Assert.Equal(isNear ? [true, false] : [true], findings.Matches.Select(match => match.IsExact));
        Assert.Equal(!isNear, findings.IsLowQuality);
    }

    [Fact]
    public async Task A_signal_of_either_profile_is_asked_with_the_hashes_that_the_policy_names()
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)), profile: PdqProfile.Nn512);
        var frame = new FrameFingerprint(0, Print(HashOf(2), 80), Print(HashOf(1), 80));

        var full = await FindAsync([frame]);
        var both = await FindAsync([frame], Policy with { Profiles = [PdqProfile.Full, PdqProfile.Nn512] });

        Assert.Empty(full.Matches);
        Assert.Single(both.Matches);
    }

    [Fact]
    public async Task A_bank_that_does_not_apply_to_the_service_is_not_asked()
    {
        var ours = await _banks.BankAsync("ours");
        var theirs = await _banks.BankAsync("theirs");
        await _banks.AddAsync(ours, new SignalValue(HashOf(1)));
        await _banks.AddAsync(theirs, new SignalValue(HashOf(1)));
        await _banks.AddAsync(theirs, new SignalValue(Digests.Sha256));
        var policy = Policy with { Banks = new BankSelection { Names = new HashSet<string>(StringComparer.Ordinal) { "ours" } } };

        var findings = await FindAsync(Picture(HashOf(1)), policy);

        Assert.Equal("ours", Assert.Single(findings.Matches).Bank.Name);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task A_never_match_entry_takes_away_what_looks_exactly_like_it(int bits, bool isOverruled)
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        await _banks.AddAsync(await _banks.BankAsync("false-alarms", BankPurpose.NeverMatch), new SignalValue(HashOf(1)));

        var findings = await FindAsync(Picture(Flip(HashOf(1), bits)));

        Assert.Equal(isOverruled ? 0 : 1, findings.Matches.Count);
        Assert.Equal(isOverruled ? 1 : 0, findings.Overruled.Count);
    }

    [Fact]
    public async Task A_never_match_entry_reaches_as_far_as_its_bank_says()
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        var falseAlarms = await _banks.BankAsync("false-alarms", BankPurpose.NeverMatch, new BankSettings { MaxDistanceBits = 4 });
        await _banks.AddAsync(falseAlarms, new SignalValue(HashOf(1)));

        Assert.Empty((await FindAsync(Picture(Flip(HashOf(1), 4)))).Matches);
        Assert.Single((await FindAsync(Picture(Flip(HashOf(1), 5)))).Matches);
    }

    [Fact]
    public async Task A_never_match_entry_never_takes_away_a_cryptographic_match()
    {
        var bank = await _banks.BankAsync("ours");
        await _banks.AddAsync(bank, new SignalValue(Digests.Sha256));
        var falseAlarms = await _banks.BankAsync("false-alarms", BankPurpose.NeverMatch);
        await _banks.AddAsync(falseAlarms, new SignalValue(Digests.Sha256));
        await _banks.AddAsync(falseAlarms, new SignalValue(HashOf(1)));

        var findings = await FindAsync(Picture(HashOf(1)));

        Assert.True(Assert.Single(findings.Matches).IsExact);
    }

    [Fact]
    public async Task A_harmless_frame_does_not_excuse_the_others()
    {
        var bank = await _banks.BankAsync("ours");
        await _banks.AddAsync(bank, new SignalValue(HashOf(1)));
        await _banks.AddAsync(await _banks.BankAsync("false-alarms", BankPurpose.NeverMatch), new SignalValue(HashOf(2)));

        var findings = await FindAsync([.. Picture(HashOf(2)), .. Picture(HashOf(1), frame: 1)]);

        Assert.Single(findings.Matches);
    }

    [Fact]
    public async Task A_false_alarm_known_by_sha256_takes_away_perceptual_matches_and_by_md5_does_not()
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        var falseAlarms = await _banks.BankAsync("false-alarms", BankPurpose.NeverMatch);

        await _banks.AddAsync(falseAlarms, new SignalValue(Digests.Md5));
        var byMd5 = await FindAsync(Picture(HashOf(1)));
        await _banks.AddAsync(falseAlarms, new SignalValue(Digests.Sha256));
        var bySha256 = await FindAsync(Picture(HashOf(1)));

        Assert.Single(byMd5.Matches);
        Assert.Empty(bySha256.Matches);
    }

    [Fact]
    public async Task A_never_match_entry_on_probation_takes_nothing_away()
    {
        await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        var entry = await _banks.AddAsync(
            await _banks.BankAsync("false-alarms", BankPurpose.NeverMatch), new SignalValue(HashOf(1)));
        await SetStateAsync(entry, SignalState.Probation);

        Assert.Single((await FindAsync(Picture(HashOf(1)))).Matches);
    }

    [Theory]
    [InlineData(SignalState.Live, 1, 0)]
    [InlineData(SignalState.Probation, 0, 1)]
    [InlineData(SignalState.Withdrawn, 0, 0)]
    public async Task The_state_of_a_signal_decides_whether_it_acts_is_recorded_or_is_gone(SignalState state, int acting, int shadow)
    {
        var bank = await _banks.BankAsync("ours");
        await SetStateAsync(await _banks.AddAsync(bank, new SignalValue(HashOf(1))), state);
        await SetStateAsync(await _banks.AddAsync(bank, new SignalValue(Digests.Sha1)), state);

        var findings = await FindAsync(Picture(HashOf(1)));

        Assert.Equal(2 * acting, findings.Matches.Count);
        Assert.Equal(2 * shadow, findings.Shadow.Count);
    }

    [Fact]
    public async Task A_disabled_signal_matches_again_when_its_time_has_come()
    {
        var signal = await _banks.AddAsync(await _banks.BankAsync("ours"), new SignalValue(HashOf(1)));
        await SetStateAsync(signal, SignalState.Disabled, _clock.GetUtcNow().AddHours(1));

        var before = await FindAsync(Picture(HashOf(1)));
        _clock.Advance(TimeSpan.FromHours(1));
        var after = await FindAsync(Picture(HashOf(1)));

        Assert.Empty(before.Matches);
        Assert.Single(after.Matches);
    }

    [Fact]
    public void An_upload_always_falls_on_the_same_side_of_a_banks_ratio_and_as_many_do_as_it_says()
    {
        var bank = Tests.Policy.SampleBank.With(BankPurpose.Practice, id: 9) with { EnabledRatio = 0.25 };
        var other = bank with { Id = new BankId(10) };
        var key = new byte[32];
        var shares = Enumerable.Range(0, 20_000).Select(number => UploadShare.Of(key, BitConverter.GetBytes(number))).ToList();

        var within = shares.Count(share => share.FallsWithin(bank));
        var withinBoth = shares.Count(share => share.FallsWithin(bank) && share.FallsWithin(other));

        // Five standard deviations of a binomial around a quarter and around a sixteenth.
        Assert.InRange(within, 5000 - 306, 5000 + 306);
        Assert.InRange(withinBoth, 1250 - 171, 1250 + 171);
        Assert.All(shares, share => Assert.Equal(share.FallsWithin(bank), share.FallsWithin(bank)));
        Assert.All(shares, share => Assert.False(share.FallsWithin(bank with { EnabledRatio = 0 })));
        Assert.All(shares, share => Assert.True(share.FallsWithin(bank with { EnabledRatio = 1 })));
    }

    private static ServicePolicy Policy
    {
        get
        {
            Assert.True(PolicyBook.TryParse(DefaultPolicy.Text, out var book, out _));
            return book.Find("avatars")!;
        }
    }

    private async Task<MatchFindings> FindAsync(IReadOnlyList<FrameFingerprint> frames, ServicePolicy? policy = null)
    {
        policy ??= Policy;
        var outcome = new DecodeOutcome.Decoded(new PictureFacts { Format = "png", Width = 9, Height = 9, Frames = frames });
        return Matcher.Find(
            await _banks.GenerationAsync(_clock), policy, Fingerprints.Of(Digests, outcome, policy), default, _clock.GetUtcNow());
    }

    private async Task<bool> RulesOutAsync(PictureEstimate estimate, ServicePolicy policy) => Matcher.RulesOut(
        await _banks.GenerationAsync(_clock), policy, estimate, default, _clock.GetUtcNow(), new MatchScratch());

    private Task SetStateAsync(Signal signal, SignalState state, DateTimeOffset? until = null) =>
        _banks.SetStateAsync(signal, state, until);

    private static FrameFingerprint[] Picture(PdqHash hash, int frame = 0, int quality = 80) =>
        [new FrameFingerprint(frame, Print(hash, quality), Print(hash, quality))];

    private static PdqFingerprint Print(PdqHash hash, int quality)
    {
        var hashes = default(DihedralHashes);
        hashes[Orientation.Original] = hash;
        return new PdqFingerprint(hashes, quality);
    }

    /// <summary>A value with about half of its bits set, as a true hash has; two of them lie around 128 bits apart.</summary>
    private static PdqHash HashOf(int seed)
    {
        var bytes = new byte[PdqHash.ByteCount];
        new Random(seed).NextBytes(bytes);
        return PdqHash.FromBytes(bytes);
    }

    private static PdqHash Flip(PdqHash hash, int bits)
    {
        var bytes = hash.ToBytes();
        for (var bit = 0; bit < bits; bit++)
        {
            bytes[bit % 32] ^= (byte)(1 << (bit / 32));
        }

        return PdqHash.FromBytes(bytes);
    }
}
