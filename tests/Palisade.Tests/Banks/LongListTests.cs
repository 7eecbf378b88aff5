using System.Diagnostics;
using System.Globalization;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

public sealed class LongListTests(ITestOutputHelper output)
{
    /// <summary>Few for each push; PALISADE_TEST_SIGNALS=1000000 prints the figures of docs/reference/performance.md.</summary>
    private static readonly int Signals = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_SIGNALS") ?? "30000", CultureInfo.InvariantCulture);

    [Theory, StoreEngines]
    public async Task A_long_list_is_imported_and_loaded_whole(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var path = Path.Combine(banks.Test.Folder, "million.txt");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, Signals).Select(number => Hash(number).ToString()));
        var imports = new BankImports(banks.Test.Store, banks.Key, banks.Clock);
        var watch = Stopwatch.StartNew();

        var staged = await imports.StageAsync(
            banks.Bank.Id, ImportSource.FromFile(path), new ImportOptions { Type = SignalType.Pdq }, null, By, default);
        output.WriteLine($"staged in {watch.Elapsed}");
        watch.Restart();
        await imports.MakeLiveAsync(staged.Value!.Id, false, By, default);
        output.WriteLine($"live in {watch.Elapsed}");
        watch.Restart();
        using var index = banks.NewIndex();
        await index.LoadAsync(default);
        output.WriteLine($"loaded in {watch.Elapsed}");

        Assert.Equal(Signals, staged.Value.Added);
        Assert.Equal(Signals, index.Current.SignalCount);
    }
}
