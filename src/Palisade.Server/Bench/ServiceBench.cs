using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Decoding;
using Palisade.Keys;
using Palisade.Server.Demo;
using Palisade.Server.Options;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Bench;

/// <summary>What <c>palisade bench service</c> measures with.</summary>
public sealed record ServiceBenchOptions
{
    /// <summary>Random PDQ signals in the bank.</summary>
    public int Signals { get; init; } = 1_000_000;

    public int Clients { get; init; } = 8;

    /// <summary>Uploads a second on schedule; 0 sends as fast as answers come.</summary>
    public double Rate { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Different pictures, of which the first is in the bank: with 64, one upload in 64 is held.</summary>
    public int Pictures { get; init; } = 64;

    /// <summary>With <see cref="DecoderOptions.Prescreen"/>.</summary>
    public bool Prescreen { get; init; }
}

/// <summary>What was measured. Times in milliseconds, memory in MiB.</summary>
/// <param name="ServiceMsPerScan">Processor time of the service's own process for each scan.</param>
/// <param name="WorkersMsPerScan">Processor time of the decoder workers and their sandboxes for each scan.</param>
public sealed record ServiceBenchResult(
    int Signals, int Clients, double Rate, bool Prescreen, int Processors, int Workers, string Confinement,
    int Pictures, double PictureMegapixels, int LeastPictureKiB, int PictureKiB, int LargestPictureKiB, double WarmUpSeconds,
    int Scans, int Wrong, double ScansPerSecond, double ScansPerProcessorSecond, double ServiceMsPerScan, double WorkersMsPerScan,
    double P50Ms, double P90Ms, double P99Ms, double MaxMs, long ServiceMemoryMiB, long MemoryMiB);

/// <summary>
/// Measures a real <c>palisade serve</c>: JPEGs of about one megapixel over HTTP, each verdict checked, and the processor
/// time of the service and its workers alone (those who send the uploads are another process).
/// </summary>
public static class ServiceBench
{
    // 1,152 x 864 = 0.995 megapixels.
    private const int Width = 1152;
    private const int Height = 864;

    // About 200 KiB a picture, as phones and cameras save them.
    private const int JpegQuality = 92;

    /// <param name="says">Told what is being done.</param>
    public static async Task<ServiceBenchResult> RunAsync(
        ServiceBenchOptions options, Action<string> says, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("palisade-bench-").FullName;
        try
        {
            var (key, pictures, confinement) = await PrepareAsync(options, folder, says, cancellationToken);
            says("starting palisade serve");
            var settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PALISADE__DECODER__PRESCREEN"] = options.Prescreen ? "true" : "false",
                ["PALISADE__DECODER__WORKERS"] = options.Workers.ToString(System.Globalization.CultureInfo.InvariantCulture),
            };
            await using var service = await ServeProcess.StartAsync(folder, settings, cancellationToken);
            await WaitUntilReadyAsync(service.Address, cancellationToken);

            using var load = new ScanLoad(service.Address, key, "avatars", pictures, TimeProvider.System);
            says("warming up");
            var warmUp = await SettleAsync(load, options.Clients, service.Id, cancellationToken);

            says($"measuring for {options.Duration.TotalSeconds:0} s");
            await using var meter = ProcessorMeter.Start(service.Id, TimeProvider.System);
            var result = await load.RunAsync(options.Clients, options.Rate, options.Duration, cancellationToken);
            var used = await meter.StopAsync();
            var sizes = pictures.Select(picture => picture.Bytes.Length >> 10).ToList();
            return new ServiceBenchResult(
                options.Signals, options.Clients, options.Rate, options.Prescreen, Environment.ProcessorCount, options.Workers, confinement,
                pictures.Count, Width * Height / 1e6, sizes.Min(), (int)sizes.Average(), sizes.Max(), warmUp.TotalSeconds,
                result.Scans, result.Wrong, result.Scans / result.Took.TotalSeconds, result.Scans / used.Seconds,
                1000 * used.OwnSeconds / result.Scans, 1000 * used.DescendantSeconds / result.Scans,
                result.PercentileMs(0.5), result.PercentileMs(0.9), result.PercentileMs(0.99), result.PercentileMs(1),
                ProcessTree.MemoryBytesOf(service.Id) >> 20, ProcessTree.MemoryBytes(service.Id) >> 20);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Full load until the runtime has done with compiling the service's hot code anew, by what it learnt from running it:
    /// that is no part of a scan, and it is over when its thread has next to nothing to do.
    /// </summary>
    private static async Task<TimeSpan> SettleAsync(ScanLoad load, int clients, int serviceId, CancellationToken cancellationToken)
    {
        const int mostSpells = 12;
        const double settledShare = 0.01;
        var took = TimeSpan.Zero;
        for (var spell = 0; spell < mostSpells; spell++)
        {
            var before = ProcessTree.CompilerSeconds(serviceId);
            var result = await load.RunAsync(clients, rate: 0, TimeSpan.FromSeconds(4), cancellationToken);
            took += result.Took;
            if (ProcessTree.CompilerSeconds(serviceId) - before < settledShare * result.Took.TotalSeconds)
            {
                break;
            }
        }

        return took;
    }

    private static async Task<(string Key, List<LoadPicture> Pictures, string Confinement)> PrepareAsync(
        ServiceBenchOptions options, string folder, Action<string> says, CancellationToken cancellationToken)
    {
        var settings = new PalisadeOptions { Data = folder, Development = true };
        await using var installation = await Installation.OpenAsync(
            settings, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        await installation.PrepareScanningAsync(cancellationToken);
        var key = await installation.Keys.CreateAsync("bench", [ApiScopes.Scan], [], life: null, Actor.Palisade, cancellationToken);

        says("drawing pictures");
        var pictures = await DrawAsync(options.Pictures, installation.Decoder, cancellationToken);

        says($"loading {options.Signals:#,0} signals");
        var bank = (await installation.Banks.CreateAsync(
            new BankSettings { Name = "bench", Owner = "bench", Purpose = BankPurpose.Practice }, Actor.Palisade, cancellationToken)).Value!;
        if (await installation.Decoder.DecodeAsync(pictures[0].Bytes, cancellationToken) is DecodeOutcome.Decoded { Picture: var known })
        {
            await installation.Banks.AddSignalAsync(
                bank.Id, new NewSignal(new SignalValue(known.Frames[0].Full.Hash), PdqProfile.Full, 100), Actor.Palisade, cancellationToken);
        }

        pictures[0] = pictures[0] with { Expected = "hold" };
        await FillAsync(installation, bank, options.Signals, folder, cancellationToken);
        var confinement = string.Join(
            ", ", installation.Decoder.Sandbox.Layers.Where(layer => layer.IsActive).Select(layer => layer.Layer.ToString().ToLowerInvariant()));
        return (((KeyCreation.Created)key).Secret, pictures, confinement);
    }

    private static async Task FillAsync(
        Installation installation, Bank bank, int count, string folder, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return;
        }

        var list = Path.Combine(folder, "practice.txt");
        await PracticeList.WriteAsync(list, count, seed: 1, cancellationToken);
        var imports = new BankImports(installation.Store, installation.BankKey, installation.Audit, installation.Approvals, installation.Clock);
        var staged = await imports.StageAsync(
            bank.Id, ImportSource.FromFile(list), new ImportOptions { Type = SignalType.Pdq }, progress: null, Actor.Palisade, cancellationToken);
        var live = staged.IsRefused
            ? staged
            : await imports.MakeLiveAsync(staged.Value.Id, withdrawalsConfirmed: true, Actor.Palisade, cancellationToken);
        if (live.IsRefused)
        {
            throw new InvalidOperationException($"The practice signals were refused: {live.Refusal.Reason}");
        }

        File.Delete(list);
    }

    /// <summary>Every kind in turn, each drawing followed by its mirrored and recoloured likeness.</summary>
    private static async Task<List<LoadPicture>> DrawAsync(int count, DecoderPool encoder, CancellationToken cancellationToken)
    {
        var pictures = new List<LoadPicture>();
        for (var drawing = 0; pictures.Count < count; drawing++)
        {
            var kind = BenignPictures.Kinds[drawing % BenignPictures.Kinds.Count];
            var drawn = BenignPictures.Draw(1000 + drawing, kind, Width, Height);
            foreach (var picture in new[] { drawn, Alterations.Recoloured(Alterations.Mirrored(drawn)) }.Take(count - pictures.Count))
            {
                var bytes = await encoder.EncodeAsync(picture.Rgb, Width, Height, "jpeg", JpegQuality, cancellationToken);
                pictures.Add(new LoadPicture(bytes, "allow"));
            }
        }

        return pictures;
    }

    private static async Task WaitUntilReadyAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = address };
        while (true)
        {
            using var response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }
}
