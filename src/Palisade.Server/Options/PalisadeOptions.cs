using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Banks.Fetching;
using Palisade.Decoding;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Reporting;
using Palisade.Review;
using Palisade.Review.Webhook;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Server.Options;

/// <summary>
/// Everything that can be set, as it was at start: from palisade.json, then the environment (<c>PALISADE__LISTEN__URL</c>),
/// then flags, the later ones winning. Nothing reads configuration afterwards.
/// </summary>
public sealed record PalisadeOptions
{
    public const string DefaultData = "palisade-data";

    /// <summary>The folder that holds the store, the bank key, the policy and palisade.json.</summary>
    public string Data { get; init; } = DefaultData;

    /// <summary>
    /// For trying things out on one's own machine: starts even where nothing confines the decoder, and says so.
    /// </summary>
    public bool Development { get; init; }

    public RecordOptions Store { get; init; } = new();

    public ListenOptions Listen { get; init; } = new();

    public LimitOptions Limits { get; init; } = new();

    public DecoderOptions Decoder { get; init; } = new();

    public RegionOptions Regions { get; init; } = new();

    public UrlFetchOptions Fetch { get; init; } = new();

    public KeyOptions Keys { get; init; } = new();

    public ReviewOptions Review { get; init; } = new();

    public ApprovalOptions Approvals { get; init; } = new();

    public WebhookOptions Webhook { get; init; } = new();

    public ReportingOptions Reporting { get; init; } = new();

    public AuditOptions Audit { get; init; } = new();

    public SweepOptions Sweep { get; init; } = new();

    /// <summary>Where the store is.</summary>
    public StoreOptions StoreOptions => new() { Folder = Data, Postgres = Store.Postgres };

    /// <summary>The decoder's options, with what development gives up.</summary>
    public DecoderOptions DecoderInForce => Development
        ? Decoder with { Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles }
        : Decoder;

    /// <summary>Everything that is wrong, each with what to change; empty when all is well.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        faults.AddRange(Listen.Faults());
        faults.AddRange(Limits.Faults());
        faults.AddRange(Audit.Faults());
        if (Fetch.Fault() is { } fetchFault)
        {
            faults.Add($"fetch: {fetchFault}");
        }

        faults.AddRange(new[] { Review.Fault(), Approvals.Fault(), Webhook.Fault(), Sweep.Fault(), Regions.Fault(), Reporting.Fault() }.OfType<string>());

        try
        {
            Decoder.Checked();
        }
        catch (ArgumentException exception)
        {
            faults.Add($"decoder: {exception.Message}");
        }

        if (Limits.MaxUploadBytes > Decoder.MaxFileBytes)
        {
            faults.Add("limits.maxUploadBytes is above decoder.maxFileBytes, so the largest uploads would never be read. " +
                       "Raise decoder.maxFileBytes or lower limits.maxUploadBytes.");
        }

        return faults;
    }
}

/// <summary>Where records are kept beside or instead of the data folder.</summary>
public sealed record RecordOptions
{
    /// <summary>An Npgsql connection string; without it records are in SQLite in the data folder.</summary>
    public string? Postgres { get; init; }
}
