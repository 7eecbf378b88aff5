using CsCheck;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

public sealed class BankIndexTests
{
    [Theory, StoreEngines]
    public async Task A_signal_is_found_by_its_digest_and_near_its_hash(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var pdq = await banks.AddAsync(Pdq(1), quality: 90);
        var md5 = await banks.AddAsync(Md5(2));
        using var index = await LoadAsync(banks);
        var near = Hash(1) with { Word0 = Hash(1).Word0 ^ 0b111 };

        Assert.Equal([(pdq.Id, 3)], Near(index, near, 31));
        Assert.Empty(Near(index, near, 2));
        Assert.Equal([md5.Id], Exact(index, Md5(2).Digest));
        Assert.Equal(31, index.Current.LargestDistanceBits);
    }

    [Theory, StoreEngines]
    public async Task The_next_look_at_the_log_brings_a_new_signal_and_the_generation_that_holds_it(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        using var index = await LoadAsync(banks);
        var before = index.Current;

        var signal = await banks.AddAsync(Pdq(1));
        await index.CatchUpAsync(default);

        Assert.Equal(before.Number + 1, index.Current.Number);
        Assert.Equal([(signal.Id, 0)], Near(index, Hash(1), 0));
        Assert.Equal(0, before.SignalCount);
    }

    [Theory, StoreEngines]
    public async Task A_follower_is_woken_by_a_change_in_its_own_process(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        using var index = await LoadAsync(banks);
        using var stop = new CancellationTokenSource();
        var following = index.FollowAsync(stop.Token);

        // The clock stands still, so only the bell can wake the follower.
        var signal = await banks.AddAsync(Pdq(1));
        while (index.Current.Number < 2)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await following;
        Assert.Equal([(signal.Id, 0)], Near(index, Hash(1), 0));
    }

    [Theory, StoreEngines]
    public async Task A_disabled_signal_is_live_again_when_its_time_is_over(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signal = await banks.AddAsync(Pdq(1));
        var until = banks.Clock.GetUtcNow().AddHours(1);
        await banks.Registry.SetSignalStateAsync(signal.Id, SignalState.Disabled, until, By, default);
        using var index = await LoadAsync(banks);

        var found = Assert.Single(index.Current.Signals);

        Assert.False(found.IsLiveAt(until.AddMilliseconds(-1)));
        Assert.True(found.IsLiveAt(until));
        Assert.False(found.IsShadow);
    }

    [Theory, StoreEngines]
    public async Task A_change_of_a_banks_settings_is_in_the_next_generation(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        await banks.AddAsync(Pdq(1), quality: 60);
        using var index = await LoadAsync(banks);
        var before = Near(index, Hash(1), 0).Count;

        await banks.Registry.ChangeAsync(
            banks.Bank.Id, new BankSettings { MinQuality = 61, MaxDistanceBits = 44 }, By, default);
        await index.CatchUpAsync(default);

        Assert.Equal(1, before);
        Assert.Equal(44, index.Current.LargestDistanceBits);
        Assert.Empty(Near(index, Hash(1), 0));
    }

    [Theory, StoreEngines]
    public async Task A_large_list_is_taken_in_beside_small_changes_which_do_not_wait_for_it(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        using var index = banks.NewIndex(mostRowsAtOnce: 10);
        await index.LoadAsync(default);
        await ImportAsync(banks, Enumerable.Range(100, 50), NewSignals.Live);
        var later = await banks.AddAsync(Pdq(1));

        await index.CatchUpAsync(default);
        var (during, numberDuring) = (Near(index, Hash(1), 0), index.Current.Number);
        await index.SettleAsync(default);

        Assert.Equal([(later.Id, 0)], during);
        Assert.Equal(1, numberDuring);
        Assert.Equal(3, index.Current.Number);
        Assert.Equal(41, index.Current.SignalCount);
    }

    [Fact]
    public async Task When_the_store_cannot_be_read_the_old_generation_stays_and_is_said_to_be_stale()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        var signal = await banks.AddAsync(Pdq(1));
        using var index = await LoadAsync(banks);
        await banks.AddAsync(Pdq(2));
        await banks.Test.Store.WriteAsync(
            async transaction =>
            {
                await Dapper.SqlMapper.ExecuteAsync(
                    transaction.Connection!, "ALTER TABLE bank_change RENAME TO hidden", transaction: transaction);
                return true;
            },
            default);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => index.CatchUpAsync(default));
        var freshYet = index.IsStale;
        banks.Clock.Advance(TimeSpan.FromSeconds(6));

        Assert.False(freshYet);
        Assert.True(index.IsStale);
        Assert.Equal([(signal.Id, 0)], Near(index, Hash(1), 0));
    }

    [Theory, StoreEngines]
    public async Task Following_any_sequence_of_changes_ends_where_a_fresh_load_does(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        await banks.CreateBankAsync("other");
        using var following = banks.NewIndex(mostRowsAtOnce: 8);
        await following.LoadAsync(default);

        // One store for all samples: each goes on from where the last one ended, which makes odder histories.
        await Gen.Int[0, 8].SelectMany(kind => Gen.Int[0, 39].Select(number => (kind, number))).Array[1, 12].SampleAsync(
            async changes =>
            {
                foreach (var (kind, number) in changes)
                {
                    await ChangeAsync(banks, kind, number, following);
                }

                await following.SettleAsync(default);
                using var fresh = await LoadAsync(banks);
                Assert.Equal(Describe(fresh), Describe(following));
            },
            iter: engine == TestEngine.Sqlite ? 60 : 25,
            threads: 1);
    }

    private static async Task ChangeAsync(BankFixture banks, int kind, int number, BankIndex following)
    {
        var list = await banks.Registry.ListAsync(default);
        var bank = list[number % list.Count];
        var signals = await banks.Registry.ListSignalsAsync(bank.Id, default, 100, default);
        var signal = signals.Count > 0 ? signals[number % signals.Count].Id : default;
        var until = banks.Clock.GetUtcNow().AddMinutes(number + 1);
        switch (kind)
        {
            case 0 or 1:
                await banks.Registry.AddSignalAsync(
                    bank.Id, new NewSignal(number % 3 == 0 ? Md5(number) : Pdq(number), Quality: 50 + number), By, default);
                break;
            case 2:
                await banks.Registry.WithdrawAsync(signal, By, default);
                break;
            case 3:
                await banks.Registry.SetSignalStateAsync(signal, SignalState.Live, null, By, default);
                break;
            case 4:
                await banks.Registry.SetSignalStateAsync(signal, SignalState.Disabled, until, By, default);
                break;
            case 5:
                await banks.Registry.SetSignalStateAsync(signal, SignalState.Probation, null, By, default);
                break;
            case 6:
                await banks.Registry.ChangeAsync(
                    bank.Id, new BankSettings { MinQuality = number, MaxDistanceBits = number }, By, default);
                break;
            case 7:
                await ImportAsync(banks, Enumerable.Range(number, number % 16), number % 2 == 0 ? NewSignals.Live : NewSignals.Probation);
                break;
            default:
                await following.CatchUpAsync(default);
                break;
        }
    }

    private static async Task ImportAsync(BankFixture banks, IEnumerable<int> numbers, NewSignals state)
    {
        var path = Path.Combine(banks.Test.Folder, "list.txt");
        await File.WriteAllLinesAsync(path, numbers.Select(number =>
            $$"""{"v":1,"type":"pdq","value":"{{Hash(number)}}","status":"{{(number % 5 == 0 ? "withdrawn" : "active")}}"}"""));
        var imports = new BankImports(banks.Test.Store, banks.Key, banks.Audit, banks.Approvals, banks.Clock);
        var staged = await imports.StageAsync(
            banks.Bank.Id, ImportSource.FromFile(path), new ImportOptions { NewSignals = state }, null, By, default);
        await imports.MakeLiveAsync(staged.Value!.Id, true, By, default);
    }

    private static async Task<BankIndex> LoadAsync(BankFixture banks)
    {
        var index = banks.NewIndex();
        await index.LoadAsync(default);
        return index;
    }

    /// <summary>Everything that a search can tell, as text.</summary>
    private static string Describe(BankIndex index)
    {
        var generation = index.Current;
        var signals = generation.Signals.OrderBy(signal => signal.Id.Number).Select(signal => signal.ToString());
        var near = Enumerable.Range(0, 60).SelectMany(number => Near(index, Hash(number), 0)).OrderBy(near => near.Id.Number);
        var exact = Enumerable.Range(0, 40).SelectMany(number => Exact(index, Md5(number).Digest)).Select(id => id.Number).Order();
        return $"{generation.Number} {generation.SignalCount}\n{string.Join('\n', generation.Banks)}\n" +
            $"{string.Join('\n', signals)}\n{string.Join(' ', near)}\n{string.Join(' ', exact)}";
    }

    private static List<(SignalId Id, int Distance)> Near(BankIndex index, in PdqHash hash, int radius)
    {
        var found = new List<NearSignal>();
        index.Current.FindNear(hash, radius, found);
        return [.. found.Select(near => (near.Signal.Id, near.DistanceBits)).OrderBy(near => near.Id.Number)];
    }

    private static List<SignalId> Exact(BankIndex index, in Digest digest)
    {
        var found = new List<IndexedSignal>();
        index.Current.FindExact(digest, found);
        return [.. found.Select(signal => signal.Id)];
    }
}
