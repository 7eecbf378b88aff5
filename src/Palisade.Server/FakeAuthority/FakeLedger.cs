using System.Text.Json;
using System.Text.Json.Serialization;
using Palisade.CyberTipline;

namespace Palisade.Server.FakeAuthority;

/// <summary>
/// The reports that a rehearsal authority has received, in a folder of one file each where it was given one. All calls
/// are made under the server's own lock.
/// </summary>
internal sealed class FakeLedger
{
    private const long FirstId = 1_000_001;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private readonly string? _folder;
    private readonly Func<DateTimeOffset> _now;
    private readonly SortedDictionary<long, FakeReport> _reports = [];

    public FakeLedger(string? folder, Func<DateTimeOffset> now)
    {
        _folder = folder;
        _now = now;
        Reload();
    }

    /// <summary>As the authority would see them now: what is too old has expired.</summary>
    public IReadOnlyList<FakeReport> All => [.. _reports.Values.Select(AsOfNow)];

    public FakeReport? Find(long id) => _reports.TryGetValue(id, out var report) ? AsOfNow(report) : null;

    public FakeReport Open(string xml, bool isBatched)
    {
        var report = new FakeReport
        {
            ReportId = _reports.Count == 0 ? FirstId : _reports.Keys.Last() + 1,
            OpenedAt = _now(),
            Xml = xml,
            IsBatched = isBatched,
        };
        Keep(report);
        return report;
    }

    public void Keep(FakeReport report)
    {
        _reports[report.ReportId] = report;
        if (_folder is null)
        {
            return;
        }

        var path = Path.Combine(_folder, $"report-{report.ReportId}.json");
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(report, Json));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>What a restart leaves: the folder's reports, or none.</summary>
    public void Reload()
    {
        _reports.Clear();
        if (_folder is null)
        {
            return;
        }

        Directory.CreateDirectory(_folder);
        foreach (var path in Directory.EnumerateFiles(_folder, "report-*.json"))
        {
            if (JsonSerializer.Deserialize<FakeReport>(File.ReadAllText(path), Json) is { } report)
            {
                _reports[report.ReportId] = report;
            }
        }
    }

    public string ToJson() => JsonSerializer.Serialize(All, Json);

    private FakeReport AsOfNow(FakeReport report) =>
        report.State == FakeReportState.Open && _now() > RetrySchedule.ExpiryOf(report.OpenedAt, report.LastFileAt)
            ? report with { State = FakeReportState.Expired }
            : report;
}
