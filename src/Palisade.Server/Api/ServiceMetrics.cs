using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Storage;
using Prometheus;

namespace Palisade.Server.Api;

/// <summary>
/// What the operator sees of the running service. Labels are words of ours (service, verdict, reason); no hash, bank,
/// name or key ever is one.
/// </summary>
public sealed class ServiceMetrics
{
    private readonly Counter _verdicts;
    private readonly Histogram _seconds;

    public ServiceMetrics(BankIndex index, DecoderPool decoder, UploadAdmission admission, CaseClock clock, Installation installation)
    {
        var metrics = Metrics.WithCustomRegistry(Registry);
        _verdicts = metrics.CreateCounter("palisade_verdicts_total", "Verdicts answered.", "service", "verdict");
        _seconds = metrics.CreateHistogram(
            "palisade_scan_seconds",
            "Time from an upload's first byte to its answer, refusals included.",
            new HistogramConfiguration { Buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20] });

        var decoded = metrics.CreateCounter("palisade_decoder_files_total", "Files that the decoder answered.", "outcome");
        var deaths = metrics.CreateCounter("palisade_decoder_deaths_total", "Decoder workers that ended before their time.", "reason");
        var uploads = metrics.CreateGauge("palisade_uploads_in_flight", "Uploads on their way through the service.");
        var bytes = metrics.CreateGauge("palisade_upload_bytes_in_flight", "Memory set aside for them, in bytes.");
        var generation = metrics.CreateGauge("palisade_index_generation", "Sequence number of the last bank change in memory.");
        var signals = metrics.CreateGauge("palisade_index_signals", "Signals in memory.");
        var undecided = metrics.CreateGauge("palisade_cases_undecided", "Cases that are open or in review.");
        var late = metrics.CreateGauge("palisade_cases_late", "Of these, cases whose time to decide is over.");
        var oldestHeld = metrics.CreateGauge("palisade_oldest_held_seconds", "Age of the oldest upload that is held without a decision; 0 when none is.");
        var waiting = metrics.CreateGauge("palisade_webhook_waiting", "Changes that the platform has not taken by webhook yet.");
        var unsealed = metrics.CreateCounter("palisade_evidence_not_sealed_total", "Uploads whose bytes could not be sealed; they are held.");
        var regions = metrics.CreateGauge("palisade_regions_waiting", "Uploads that were answered before their regions were compared.");
        var regionsAge = metrics.CreateGauge("palisade_regions_oldest_seconds", "How long the oldest of them has waited.");
        var ready = metrics.CreateGauge("palisade_ready", "1 when the banks are in memory and up to date.");
        Registry.AddBeforeCollectCallback(() =>
        {
            decoded.WithLabels("decoded").IncTo(decoder.Decoded);
            decoded.WithLabels("estimated").IncTo(decoder.Estimated);
            decoded.WithLabels("undecodable").IncTo(decoder.Undecodable);
            decoded.WithLabels("refused").IncTo(decoder.Refused);
            foreach (var death in Enum.GetValues<WorkerDeath>())
            {
                deaths.WithLabels(Words.Of(death)).IncTo(decoder.DeathsBy(death));
            }

            uploads.Set(admission.UploadsInFlight);
            bytes.Set(admission.BytesInFlight);
            undecided.Set(clock.Latest.Undecided);
            late.Set(clock.Latest.Late);
            oldestHeld.Set(clock.Latest.OldestHeld?.TotalSeconds ?? 0);
            unsealed.IncTo(installation.Cases.Intake.Unsealed);
            waiting.Set(installation.Webhook?.Latest.Waiting ?? 0);
            regions.Set(installation.RegionBacklog.Waiting);
            regionsAge.Set(installation.RegionBacklog.OldestAge.TotalSeconds);
            ready.Set(index.IsStale ? 0 : 1);
            if (index.IsLoaded)
            {
                generation.Set(index.Current.Number);
                signals.Set(index.Current.SignalCount);
            }
        });
    }

    /// <summary>Of this service alone, so that several in one process do not mix.</summary>
    internal CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    internal void CountVerdict(string service, VerdictAction verdict) => _verdicts.WithLabels(service, Words.Of(verdict)).Inc();

    internal IDisposable TimeScan() => _seconds.NewTimer();
}
