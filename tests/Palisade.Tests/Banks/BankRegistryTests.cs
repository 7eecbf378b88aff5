using Palisade.Audit;
using Palisade.Banks;
using Palisade.Policy;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

public sealed class BankRegistryTests
{
    [Theory, StoreEngines]
    public async Task A_bank_reads_back_as_it_was_made(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var settings = new BankSettings
        {
            Source = "Hotline list",
            MaxDistanceBits = 20,
            MinQuality = 70,
            AllowedAction = VerdictAction.Block,
            EnabledRatio = 0.25,
            NewSignals = NewSignals.Probation,
            Notes = "Reviewed each month.",
        };

        var made = await banks.CreateBankAsync("hotline", settings);

        Assert.Equal(made, await banks.Registry.FindAsync("hotline", default));
        Assert.Equal(0.25, made.EnabledRatio);
        Assert.Equal(["hotline", "practice"], (await banks.Registry.ListAsync(default)).Select(bank => bank.Name));
    }

    [Theory, StoreEngines]
    public async Task A_never_match_bank_matches_only_the_very_hash_unless_told_otherwise(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);

        var never = await banks.CreateBankAsync("never", new BankSettings { Purpose = BankPurpose.NeverMatch });

        Assert.Equal(0, never.MaxDistanceBits);
        Assert.Equal(31, banks.Bank.MaxDistanceBits);
        Assert.Equal(50, banks.Bank.MinQuality);
    }

    [Theory, StoreEngines]
    public async Task A_change_leaves_what_it_does_not_name(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine, new BankSettings { Notes = "kept" });

        var answer = await banks.Registry.ChangeAsync(banks.Bank.Id, new BankSettings { MaxDistanceBits = 10 }, By, default);

        Assert.Equal(banks.Bank with { MaxDistanceBits = 10 }, answer.Value);
        Assert.Equal(answer.Value, await banks.Registry.FindAsync(banks.Bank.Id, default));
    }

    [Theory, StoreEngines]
    public async Task Bad_settings_are_refused_and_leave_no_trace(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        BankSettings[] bad =
        [
            new() { Name = "Upper" }, new() { Name = "" }, new() { Name = new string('a', 65) }, new() { Owner = " " },
            new() { MaxDistanceBits = 256 }, new() { MaxDistanceBits = -1 }, new() { MinQuality = 101 },
            new() { EnabledRatio = 1.1 }, new() { EnabledRatio = double.NaN }, new() { Purpose = BankPurpose.KnownMaterial },
            new() { Notes = new string('n', 4001) },
        ];

        foreach (var settings in bad)
        {
            var answer = await banks.Registry.ChangeAsync(banks.Bank.Id, settings, By, default);
            Assert.IsType<BankRefused.BadSetting>(answer.Refusal);
        }

        Assert.Equal(banks.Bank, await banks.Registry.FindAsync("practice", default));
        Assert.Single(await banks.Registry.ChangesAfterAsync(0, 100, default));
    }

    [Theory, StoreEngines]
    public async Task One_person_does_not_silence_a_bank(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine, new BankSettings { AllowedAction = VerdictAction.Block });
        var quiet = new BankSettings { EnabledRatio = 0 };

        var alone = await banks.Registry.ChangeAsync(banks.Bank.Id, quiet, By, default);
        var otherwise = await banks.Registry.ChangeAsync(banks.Bank.Id, new BankSettings { AllowedAction = VerdictAction.Allow }, By, default);
        var approval = await TwoPeople.ApproveAsync(banks.Approvals, alone.Refusal!);
        var another = await banks.Registry.ChangeAsync(
            banks.Bank.Id, quiet with { AllowedAction = VerdictAction.Allow }, approval, TwoPeople.Anna, default);
        var together = await banks.Registry.ChangeAsync(banks.Bank.Id, quiet, approval, TwoPeople.Anna, default);
        var louder = await banks.Registry.ChangeAsync(banks.Bank.Id, new BankSettings { EnabledRatio = 1 }, By, default);

        Assert.IsType<BankRefused.SecondPersonNeeded>(otherwise.Refusal);
        Assert.IsType<BankRefused.NotApproved>(another.Refusal);
        Assert.Equal((0d, 1d), (together.Value!.EnabledRatio, louder.Value!.EnabledRatio));
    }

    [Theory, StoreEngines]
    public async Task Two_banks_never_share_a_name(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var other = await banks.CreateBankAsync("other");

        var rename = await banks.Registry.ChangeAsync(other.Id, new BankSettings { Name = "practice" }, By, default);

        Assert.Equal(new BankRefused.NameTaken("practice"), rename.Refusal);
    }

    [Theory, StoreEngines]
    public async Task The_same_value_is_in_a_bank_once_and_in_another_bank_as_well(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var other = await banks.CreateBankAsync("other");
        var first = await banks.AddAsync(Pdq(1));

        var again = await banks.Registry.AddSignalAsync(banks.Bank.Id, new NewSignal(Pdq(1)), By, default);
        var elsewhere = await banks.Registry.AddSignalAsync(other.Id, new NewSignal(Pdq(1)), By, default);

        Assert.Equal(new BankRefused.AlreadyThere(first.Id, SignalState.Live), again.Refusal);
        Assert.Equal(Pdq(1), elsewhere.Value!.Value);
    }

    [Theory, StoreEngines]
    public async Task A_signal_reads_back_as_it_was_added(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var wish = new NewSignal(Pdq(7), PdqProfile.Nn512, 83, "picture.jpg");

        var added = (await banks.Registry.AddSignalAsync(banks.Bank.Id, wish, By, default)).Value!;

        Assert.Equal(added, await banks.Registry.FindSignalAsync(added.Id, default));
        Assert.Equal((PdqProfile.Nn512, 83, SignalState.Live), (added.Profile!.Value, added.Quality!.Value, added.State));
    }

    [Theory, StoreEngines]
    public async Task Values_that_would_match_anything_or_nothing_are_refused(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var flat = new SignalValue(new PdqHash(0, 0, 0, 7));
        var empty = new SignalValue(DigestCalculator.Compute([]).Sha1);

        var answers = await banks.Registry.AddSignalsAsync(
            banks.Bank.Id, [new(flat), new(empty), new(Pdq(1), Quality: 49), new(Pdq(1), Quality: 50)], By, default);

        Assert.IsType<BankRefused.Degenerate>(answers[0].Refusal);
        Assert.IsType<BankRefused.EmptyFile>(answers[1].Refusal);
        Assert.Equal(new BankRefused.LowQuality(49, 50), answers[2].Refusal);
        Assert.False(answers[3].IsRefused);
    }

    [Theory, StoreEngines]
    public async Task A_signal_can_be_disabled_withdrawn_and_revived(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signal = await banks.AddAsync(Md5(1));
        var until = banks.Clock.GetUtcNow().AddDays(1);

        var disabled = await banks.Registry.SetSignalStateAsync(signal.Id, SignalState.Disabled, until, By, default);
        var withdrawn = await TwoPeople.SetStateAsync(banks.Approvals, banks.Registry, signal.Id, SignalState.Withdrawn);
        var revived = await banks.Registry.SetSignalStateAsync(signal.Id, SignalState.Live, null, By, default);
        var tooLate = await banks.Registry.SetSignalStateAsync(
            signal.Id, SignalState.Disabled, banks.Clock.GetUtcNow(), By, default);

        Assert.Equal((SignalState.Disabled, until), (disabled.Value!.State, disabled.Value.DisabledUntil!.Value));
        Assert.Equal(SignalState.Withdrawn, withdrawn.Value!.State);
        Assert.Equal(signal, revived.Value);
        Assert.IsType<BankRefused.BadSetting>(tooLate.Refusal);
    }

    [Theory, StoreEngines]
    public async Task Every_change_is_one_line_of_the_log_without_gaps(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signal = await banks.AddAsync(Pdq(1));
        await banks.Registry.AddSignalAsync(banks.Bank.Id, new NewSignal(Pdq(1)), By, default);
        var other = await banks.AddAsync(Pdq(2));
        await banks.Registry.WithdrawAsync(signal.Id, Actor.ApiKey(12), default);
        await TwoPeople.SetStateAsync(banks.Approvals, banks.Registry, other.Id, SignalState.Withdrawn);
        await TwoPeople.RemoveAsync(banks.Approvals, banks.Registry, banks.Bank.Id);

        var changes = await banks.Registry.ChangesAfterAsync(0, 100, default);

        Assert.Equal([1, 2, 3, 4, 5, 6], changes.Select(change => change.Sequence));
        Assert.Equal(
            [
                BankChange.BankCreated, BankChange.SignalAdded, BankChange.SignalAdded, BankChange.SignalWithdrawn,
                BankChange.SignalWithdrawn, BankChange.BankRemoved,
            ],
            changes.Select(change => change.Kind));
        Assert.Equal(signal.Id, changes[3].Signal);
        Assert.Equal("key:12", changes[3].By);
        Assert.Equal(changes.Skip(2).Take(2), await banks.Registry.ChangesAfterAsync(2, 2, default));
    }

    [Theory, StoreEngines]
    public async Task Writers_side_by_side_leave_no_gap_in_the_log(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(number => Task.Run(() => banks.AddAsync(Pdq(number)))));

        var changes = await banks.Registry.ChangesAfterAsync(0, 1000, default);
        Assert.Equal(Enumerable.Range(1, 61).Select(seq => (long)seq), changes.Select(change => change.Sequence));
    }

    [Theory, StoreEngines]
    public async Task A_bank_with_signals_is_not_removed_and_an_empty_one_gives_back_its_name(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signal = await banks.AddAsync(Pdq(1));

        var refused = await banks.Registry.RemoveAsync(banks.Bank.Id, By, default);
        await TwoPeople.SetStateAsync(banks.Approvals, banks.Registry, signal.Id, SignalState.Withdrawn);
        var removed = await TwoPeople.RemoveAsync(banks.Approvals, banks.Registry, banks.Bank.Id);

        Assert.Equal(new BankRefused.NotEmpty(1), refused.Refusal);
        Assert.Equal(banks.Bank, removed.Value);
        Assert.Null(await banks.Registry.FindAsync("practice", default));
        Assert.NotEqual(banks.Bank.Id, (await banks.CreateBankAsync("practice")).Id);
    }

    [Theory, StoreEngines]
    public async Task Signals_are_counted_by_state_and_listed_in_pages(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signals = new List<Signal>();
        for (var number = 0; number < 5; number++)
        {
            signals.Add(await banks.AddAsync(Pdq(number)));
        }

        await banks.Registry.WithdrawAsync(signals[4].Id, By, default);
        await banks.Registry.SetSignalStateAsync(signals[3].Id, SignalState.Probation, null, By, default);

        var counts = await banks.Registry.CountSignalsAsync(default);
        var first = await banks.Registry.ListSignalsAsync(banks.Bank.Id, default, 3, default);
        var second = await banks.Registry.ListSignalsAsync(banks.Bank.Id, first[^1].Id, 3, default);

        Assert.Equal(new SignalCounts(Live: 3, Probation: 1, Disabled: 0, Withdrawn: 1), counts[banks.Bank.Id]);
        Assert.Equal(signals.Select(signal => signal.Value), first.Concat(second).Select(signal => signal.Value));
    }
}
