using CsCheck;
using Dapper;
using Microsoft.Extensions.Logging;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

/// <summary>The file that starts read instead of the store. A wrong answer is never the price of a quick start.</summary>
public sealed class IndexSnapshotTests
{
    private readonly Said _said = new();

    [Theory, StoreEngines]
    public async Task A_start_from_the_snapshot_and_the_changes_since_answers_as_one_from_the_store(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var withdrawn = await banks.AddAsync(Pdq(1), quality: 90);
        await banks.AddAsync(Pdq(2), quality: 70);
        await banks.AddAsync(Md5(3));
        var withdrawnToo = await banks.AddAsync(Md5(4));
        await banks.AddAsync(Sha256(5));
        var disabled = await banks.AddAsync(Pdq(6));
        await banks.Registry.SetSignalStateAsync(
            disabled.Id, SignalState.Disabled, banks.Clock.GetUtcNow().AddHours(1), By, default);
        await StartAsync(banks);
        await banks.AddAsync(Pdq(7));
        await banks.AddAsync(Md5(8));
        await banks.Registry.SetSignalStateAsync(withdrawn.Id, SignalState.Withdrawn, null, By, default);
        await banks.Registry.SetSignalStateAsync(withdrawnToo.Id, SignalState.Withdrawn, null, By, default);

        var fromFile = await StartAsync(banks);
        using var fromStore = banks.NewIndex();
        await fromStore.LoadAsync(default);

        Assert.Contains(_said.Lines, line => line.Contains("from " + banks.SnapshotFile, StringComparison.Ordinal));
        AssertSame(fromStore.Current, fromFile);
        Assert.Equal(6, fromFile.SignalCount);
        Assert.Empty(Exact(fromFile, Md5(4)));
        Assert.Single(Exact(fromFile, Md5(3)));
        Assert.Single(Exact(fromFile, Md5(8)));
    }

    [Fact]
    public async Task A_snapshot_with_any_damage_is_refused_by_name_and_the_store_is_read()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        for (var number = 0; number < 20; number++)
        {
            await banks.AddAsync(number % 2 == 0 ? Pdq(number) : Md5(number));
        }

        var right = await StartAsync(banks);
        var sound = await File.ReadAllBytesAsync(banks.SnapshotFile, TestContext.Current.CancellationToken);
        var damages = Gen.Select(Gen.Int[0, 2], Gen.Int[0, sound.Length - 1], Gen.Int[0, 7]);

        await damages.SampleAsync(
            async damage =>
            {
                var (kind, at, bit) = damage;
                var damaged = kind switch
                {
                    0 => sound[..at],
                    1 => [.. sound, (byte)bit],
                    _ => Flipped(sound, at, bit),
                };
                await File.WriteAllBytesAsync(banks.SnapshotFile, damaged);
                _said.Lines.Clear();

                AssertSame(right, await StartAsync(banks));

                Assert.Contains(_said.Lines, line => line.StartsWith(banks.SnapshotFile + " cannot be used", StringComparison.Ordinal));
            },
            iter: 200,
            threads: 1);

        // What was refused has been written anew.
        _said.Lines.Clear();
        AssertSame(right, await StartAsync(banks));
        Assert.Contains(_said.Lines, line => line.Contains("from " + banks.SnapshotFile, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UPDATE bank_change SET changed_at = changed_at + 1 WHERE seq = (SELECT MAX(seq) FROM bank_change)")]
    [InlineData("DELETE FROM bank_change WHERE seq = (SELECT MAX(seq) FROM bank_change)")]
    public async Task A_snapshot_of_another_history_of_the_store_is_refused(string whatRestoringABackupDoes)
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        await banks.AddAsync(Pdq(1));
        await banks.AddAsync(Pdq(2));
        await StartAsync(banks);
        await banks.Test.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(whatRestoringABackupDoes, transaction: transaction), default);

        var started = await StartAsync(banks);

        Assert.Equal(2, started.SignalCount);
        Assert.Contains(_said.Lines, line => line.StartsWith(banks.SnapshotFile + " was made from another history", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_long_list_that_came_after_the_snapshot_is_there_at_the_start()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        await banks.AddAsync(Pdq(1));
        await StartAsync(banks);
        var imports = new BankImports(banks.Test.Store, banks.Key, banks.Audit, banks.Approvals, banks.Clock);
        var path = Path.Combine(banks.Test.Folder, "list.txt");
        await File.WriteAllLinesAsync(path, Enumerable.Range(100, 50).Select(number => Hash(number).ToString()));
        var staged = await imports.StageAsync(
            banks.Bank.Id, ImportSource.FromFile(path), new ImportOptions { Type = SignalType.Pdq }, null, By, default);
        await imports.MakeLiveAsync(staged.Value!.Id, false, By, default);

        using var index = banks.NewIndex(mostRowsAtOnce: 10, keepsSnapshot: true, logger: _said);
        await index.LoadAsync(default);

        Assert.Equal(51, index.Current.SignalCount);
        Assert.Contains(_said.Lines, line => line.StartsWith("A large list came", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_snapshot_says_nothing_without_the_bank_key_and_is_for_its_owner_alone()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        await banks.AddAsync(Pdq(1));
        await StartAsync(banks);
        var file = await File.ReadAllBytesAsync(banks.SnapshotFile, TestContext.Current.CancellationToken);

        Assert.Equal(-1, file.AsSpan().IndexOf(Hash(1).ToBytes()));
        Assert.True(
            OperatingSystem.IsWindows() ||
            File.GetUnixFileMode(banks.SnapshotFile) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Empty(Directory.GetFiles(banks.Test.Folder, "*.new"));
    }

    private async Task<IndexGeneration> StartAsync(BankFixture banks)
    {
        using var index = banks.NewIndex(keepsSnapshot: true, logger: _said);
        await index.LoadAsync(default);
        return index.Current;
    }

    private static byte[] Flipped(byte[] bytes, int at, int bit)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[at] ^= (byte)(1 << bit);
        return flipped;
    }

    private static List<IndexedSignal> Exact(IndexGeneration generation, SignalValue value)
    {
        var found = new List<IndexedSignal>();
        generation.FindExact(value.Digest, found);
        return found;
    }

    private static void AssertSame(IndexGeneration expected, IndexGeneration actual)
    {
        Assert.Equal(expected.Number, actual.Number);
        Assert.Equal(expected.SignalCount, actual.SignalCount);
        Assert.Equal(
            expected.Signals.OrderBy(signal => signal.Id.Number).Select(signal => signal with { Bank = null! }),
            actual.Signals.OrderBy(signal => signal.Id.Number).Select(signal => signal with { Bank = null! }));
    }

    /// <summary>Keeps what the index says to its log.</summary>
    private sealed class Said : ILogger<BankIndex>
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
