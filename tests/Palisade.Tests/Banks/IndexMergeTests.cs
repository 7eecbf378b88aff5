using Palisade.Banks;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

/// <summary>What came since the load is merged into a compact index in the background, beside answers that go on.</summary>
public sealed class IndexMergeTests
{
    private const int Seed = 20_270_301;
    private const int Steps = 90;

    [Theory, StoreEngines]
    public async Task Answers_stay_exact_while_changes_are_merged_in_the_background(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        using var index = banks.NewIndex(mostChangedRows: 8, keepsSnapshot: true);
        await index.LoadAsync(default);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadUntilStopped(index, stop.Token))).ToList();
        var live = new Dictionary<int, SignalId>();
        var first = index.Current;
        var random = new Random(Seed);

        for (var step = 0; step < Steps; step++)
        {
            await ChangeAsync(banks, live, step, random);
            await index.CatchUpAsync(default);
            AssertExact(index.Current, live);
        }

        await index.SettleAsync(default);
        await stop.CancelAsync();
        var reads = (await Task.WhenAll(readers)).Sum();

        AssertExact(index.Current, live);
        Assert.True(reads > 0);
        Assert.Equal(0, first.SignalCount);
        using var again = banks.NewIndex(keepsSnapshot: true);
        await again.LoadAsync(default);
        AssertExact(again.Current, live);
    }

    /// <summary>Two additions to each withdrawal.</summary>
    private static async Task ChangeAsync(BankFixture banks, Dictionary<int, SignalId> live, int step, Random random)
    {
        if (live.Count > 0 && random.Next(3) == 0)
        {
            var (number, signal) = live.ElementAt(random.Next(live.Count));
            Assert.Null((await TwoPeople.SetStateAsync(banks.Approvals, banks.Registry, signal, SignalState.Withdrawn)).Refusal);
            live.Remove(number);
        }
        else
        {
            live[step] = (await banks.AddAsync(ValueOf(step))).Id;
        }
    }

    private static SignalValue ValueOf(int number) => (number % 3) switch
    {
        0 => Md5(number),
        1 => Sha256(number),
        _ => Pdq(number),
    };

    /// <summary>Any generation holds each signal once or not at all, however often it is asked.</summary>
    private static int ReadUntilStopped(BankIndex index, CancellationToken stop)
    {
        var reads = 0;
        while (!stop.IsCancellationRequested)
        {
            var generation = index.Current;
            for (var number = 0; number < Steps; number++, reads++)
            {
                Assert.InRange(Find(generation, number).Count, 0, 1);
            }
        }

        return reads;
    }

    private static void AssertExact(IndexGeneration generation, Dictionary<int, SignalId> live)
    {
        Assert.Equal(live.Count, generation.SignalCount);
        for (var number = 0; number < Steps; number++)
        {
            Assert.Equal(live.TryGetValue(number, out var signal) ? [signal] : [], Find(generation, number));
        }
    }

    private static List<SignalId> Find(IndexGeneration generation, int number)
    {
        var value = ValueOf(number);
        if (value.Type == SignalType.Pdq)
        {
            var near = new List<NearSignal>();
            generation.FindNear(value.Pdq, 0, near);
            return [.. near.Select(found => found.Signal.Id)];
        }

        var exact = new List<IndexedSignal>();
        generation.FindExact(value.Digest, exact);
        return [.. exact.Select(found => found.Id)];
    }
}
