using Dapper;
using Microsoft.Extensions.Logging;
using Palisade.Banks;
using Palisade.Banks.Regions;
using Palisade.Scanning;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;
using Palisade.Signals.Tests.Regions;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks.Regions;

/// <summary>Banks with region codes: enrolled, found in altered copies, withdrawn, and read from store and snapshot.</summary>
public sealed class RegionBankIndexTests
{
    private readonly RegionExtractor _extractor = new();
    private readonly Said _said = new();

    [Theory, StoreEngines]
    public async Task An_altered_copy_is_found_from_the_change_that_enrolled_its_picture_to_the_one_that_withdrew_it(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        using var index = NewIndex(banks);
        await index.LoadAsync(default);
        var signal = await EnrolAsync(banks, seed: 1);
        await EnrolAsync(banks, seed: 2);
        await index.CatchUpAsync(default);

        Assert.Equal(signal.Id, Assert.Single(Found(index, Altered(1))).Signal);
        Assert.Empty(Found(index, DrawnPictures.Draw(3)));

        await banks.Registry.WithdrawAsync(signal.Id, By, default);
        await index.CatchUpAsync(default);

        Assert.Empty(Found(index, Altered(1)));
        Assert.Single(Found(index, Altered(2)));

        await banks.Registry.SetSignalStateAsync(signal.Id, SignalState.Live, null, By, default);
        await index.CatchUpAsync(default);

        Assert.Equal(signal.Id, Assert.Single(Found(index, Altered(1))).Signal);
    }

    [Theory, StoreEngines]
    public async Task A_start_from_the_snapshot_answers_as_one_from_the_store(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var gone = await EnrolAsync(banks, seed: 1);
        await EnrolAsync(banks, seed: 2);
        using (var first = NewIndex(banks))
        {
            await first.LoadAsync(default);
        }

        await banks.Registry.WithdrawAsync(gone.Id, By, default);
        await EnrolAsync(banks, seed: 3);

        using var second = NewIndex(banks);
        await second.LoadAsync(default);

        Assert.True(File.Exists(FileOf(banks)));
        Assert.DoesNotContain(_said.Lines, line => line.Contains("cannot be used", StringComparison.Ordinal));
        Assert.Equal(2, second.Current.Count);
        Assert.Empty(Found(second, Altered(1)));
        Assert.Single(Found(second, Altered(2)));
        Assert.Single(Found(second, Altered(3)));
    }

    [Fact]
    public async Task A_damaged_snapshot_is_refused_by_name_and_made_anew_from_the_store()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        await EnrolAsync(banks, seed: 1);
        using (var first = NewIndex(banks))
        {
            await first.LoadAsync(default);
        }

        var sound = await File.ReadAllBytesAsync(FileOf(banks), TestContext.Current.CancellationToken);
        for (var at = 0; at < sound.Length; at += 97)
        {
            byte[] damaged = at % 2 == 0 ? [.. sound] : sound[..at];
            if (at < damaged.Length)
            {
                damaged[at] ^= 1;
            }

            await File.WriteAllBytesAsync(FileOf(banks), damaged, TestContext.Current.CancellationToken);
            _said.Lines.Clear();
            using var index = NewIndex(banks);
            await index.LoadAsync(default);

            Assert.Contains(_said.Lines, line => line.Contains(FileOf(banks) + " cannot be used", StringComparison.Ordinal));
            Assert.Single(Found(index, Altered(1)));
        }

        // The last load wrote it anew.
        _said.Lines.Clear();
        using var last = NewIndex(banks);
        await last.LoadAsync(default);
        Assert.DoesNotContain(_said.Lines, line => line.Contains("cannot be used", StringComparison.Ordinal));
    }

    [Theory, StoreEngines]
    public async Task The_same_picture_is_enrolled_once_and_the_second_time_told_where_it_is(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signal = await EnrolAsync(banks, seed: 1);

        var again = await RegisterOf(banks).AddAsync(signal.Id, CodesOf(1), map: null, By, default);

        Assert.Equal(signal.Id, Assert.IsType<BankRefused.RegionsThere>(again.Refusal).Signal);
    }

    [Theory, StoreEngines]
    public async Task Erased_codes_are_gone_from_store_and_memory_and_their_picture_can_be_enrolled_again(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        using var index = NewIndex(banks);
        await index.LoadAsync(default);
        var signal = await EnrolAsync(banks, seed: 1);
        await index.CatchUpAsync(default);

        Assert.True(await RegisterOf(banks).EraseAsync(signal.Id, By, default));
        await index.CatchUpAsync(default);

        Assert.Empty(Found(index, Altered(1)));
        Assert.Equal(0, await banks.Test.Store.ReadAsync(connection => connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM region_picture"), default));
        Assert.False((await RegisterOf(banks).AddAsync(signal.Id, CodesOf(1), map: null, By, default)).IsRefused);
        await index.CatchUpAsync(default);
        Assert.Single(Found(index, Altered(1)));
    }

    [Theory, StoreEngines]
    public async Task Codes_of_another_version_match_nothing_are_counted_and_stop_nothing(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        await EnrolAsync(banks, seed: 1);
        var old = await EnrolAsync(banks, seed: 2);
        await MakeOtherVersionAsync(banks, old);

        using var index = NewIndex(banks);
        await index.LoadAsync(default);

        Assert.Equal(1, index.OfOtherVersion);
        Assert.Single(Found(index, Altered(1)));
        Assert.Empty(Found(index, Altered(2)));
        Assert.Contains(_said.Lines, line => line.Contains("enrol those pictures again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_never_match_bank_takes_no_region_codes()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite, new BankSettings { Purpose = BankPurpose.NeverMatch });
        var added = await TwoPeople.AddAsync(banks.Approvals, banks.Registry, banks.Bank, [new NewSignal(Pdq(1))]);

        var refused = await RegisterOf(banks).AddAsync(added[0].Value!.Id, CodesOf(1), map: null, By, default);

        Assert.IsType<BankRefused.NoRegionsHere>(refused.Refusal);
    }

    [Fact]
    public async Task Codes_and_maps_are_unreadable_in_the_store_and_in_the_snapshot()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        await EnrolAsync(banks, seed: 1);
        using var index = NewIndex(banks);
        await index.LoadAsync(default);
        var (codes, map) = (CodesOf(1).Bytes.ToArray(), MapOf(1).Bytes.ToArray());

        foreach (var file in Directory.EnumerateFiles(banks.Test.Folder))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
            for (var at = 0; at + 12 <= codes.Length; at += 12)
            {
                Assert.Equal(-1, bytes.AsSpan().IndexOf(codes.AsSpan(at, 12)));
            }

            Assert.Equal(-1, bytes.AsSpan().IndexOf(map.AsSpan(map.Length / 2, 16)));
        }
    }

    [Theory, StoreEngines]
    public async Task A_pair_that_a_reviewer_tuned_away_stays_so_for_copies_of_that_upload_and_for_no_other(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var signal = await EnrolAsync(banks, seed: 1);
        var scenes = new SameScenes(banks.Test.Store, banks.Key, banks.Clock);
        await banks.Test.Store.WriteAsync(
            async transaction =>
            {
                await scenes.AddAsync(transaction, signal.Id, Hash(7));
                return true;
            },
            default);

        var onAnotherNode = new SameScenes(banks.Test.Store, banks.Key, banks.Clock);
        await onAnotherNode.CatchUpAsync(default);

        Assert.True(onAnotherNode.IsTunedAway(signal.Id, Hash(7)));
        Assert.False(onAnotherNode.IsTunedAway(signal.Id, Hash(8)));
        Assert.False(onAnotherNode.IsTunedAway(new SignalId(signal.Id.Number + 1), Hash(7)));
    }

    private RegionCodes CodesOf(int seed) => DrawnPictures.Draw(seed).Enrol(_extractor);

    private AlteredMap MapOf(int seed)
    {
        DrawnPictures.Draw(seed).GiveTo(_extractor);
        return _extractor.DrawMap();
    }

    private async Task<Signal> EnrolAsync(BankFixture banks, int seed)
    {
        var signal = await banks.AddAsync(Pdq(seed));
        var added = await RegisterOf(banks).AddAsync(signal.Id, CodesOf(seed), MapOf(seed), By, default);
        Assert.False(added.IsRefused);
        return signal;
    }

    /// <summary>A tenth of the picture is another's.</summary>
    private static DrawnPictures Altered(int seed) =>
        DrawnPictures.Draw(seed).With(DrawnPictures.Draw(seed + 100), 60, 60, 150, 110);

    private List<RegionEntry> Found(RegionBankIndex index, DrawnPictures upload) =>
        [.. index.Current.Find(new RegionSearcher(), upload.Query(_extractor), RegionSearcher.LeastScore).Select(one => one.Picture)];

    private static RegionRegister RegisterOf(BankFixture banks) => new(banks.Test.Store, banks.Key, banks.Audit, banks.Clock);

    private static string FileOf(BankFixture banks) => Path.Combine(banks.Test.Folder, RegionBankIndex.SnapshotFileName);

    private RegionBankIndex NewIndex(BankFixture banks) => new(banks.Test.Store, banks.Key, banks.Clock, _said)
    {
        SnapshotFile = FileOf(banks),
    };

    private static async Task MakeOtherVersionAsync(BankFixture banks, Signal signal)
    {
        // Sealed as the store has it, with another version in it: the version's lowest bit is the first code's highest.
        var seal = new RecordSeal(banks.Key.DeriveFor("palisade regions v1 codes"u8));
        await banks.Test.Store.WriteAsync(
            async transaction =>
            {
                var (id, added, codes) = await transaction.Connection!.QuerySingleAsync<(long, long, byte[])>(
                    "SELECT id, added_at, codes FROM region_picture WHERE signal_id = @Number", signal.Id, transaction);
                var bound = FormattableString.Invariant($"region_picture|{id}|{signal.Id.Number}|{added}|codes");
                var clear = seal.Open(codes, bound);
                clear[7] ^= 0x80;
                return await transaction.Connection!.ExecuteAsync(
                    "UPDATE region_picture SET codes = @sealedCodes WHERE id = @id",
                    new { id, sealedCodes = seal.Seal(clear, bound) },
                    transaction);
            },
            default);
    }

    private sealed class Said : ILogger<RegionBankIndex>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
