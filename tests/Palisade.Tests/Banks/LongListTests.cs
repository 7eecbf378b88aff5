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
        var imports = new BankImports(banks.Test.Store, banks.Key, banks.Audit, banks.Approvals, banks.Clock);
        var meter = new Meter(output);

        var staged = await imports.StageAsync(
            banks.Bank.Id, ImportSource.FromFile(path), new ImportOptions { Type = SignalType.Pdq }, null, By, default);
        meter.Tell("staged");
        await imports.MakeLiveAsync(staged.Value!.Id, false, By, default);
        meter.Tell("live");
        using var index = banks.NewIndex(keepsSnapshot: true);
        await index.LoadAsync(default);
        meter.Tell("loaded from the store, with a snapshot written");
        using var again = banks.NewIndex(keepsSnapshot: true);
        await again.LoadAsync(default);
        meter.Tell("loaded from the snapshot");

        Assert.Equal(Signals, staged.Value.Added);
        Assert.Equal(Signals, index.Current.SignalCount);
        Assert.Equal(Signals, again.Current.SignalCount);
    }

    /// <summary>Prints time by the clock, time of the processor, and memory since the step before.</summary>
    private sealed class Meter(ITestOutputHelper output)
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _processor = Environment.CpuUsage.TotalTime;

        public void Tell(string step)
        {
            var (elapsed, processor) = (_watch.Elapsed, Environment.CpuUsage.TotalTime);
            var kept = GC.GetTotalMemory(forceFullCollection: true);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{step} in {elapsed.TotalSeconds:F1} s, {(processor - _processor).TotalSeconds:F1} s of processor; " +
                $"{kept >> 20} MiB kept, {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB working set at most"));
            _watch.Restart();
            _processor = Environment.CpuUsage.TotalTime;
        }
    }
}
