using System.Globalization;

namespace Palisade.Verification;

/// <summary>
/// Passes findings on as they come and counts them, so that memory stays flat however many there are. For one thread.
/// </summary>
internal sealed class Tally(Action<Finding> found, IProgress<ByteProgress> progress, long totalBytes)
{
    private readonly Dictionary<FindingKind, long> _counts = [];
    private long _doneBytes;

    public string Part { get; set; } = "";

    public long Records { get; set; }

    public long Evidence { get; set; }

    public long LogEntries { get; set; }

    public List<string> NotExamined { get; } = [];

    public long Findings => _counts.Values.Sum();

    public void Damaged(string item, string what) => Add(FindingKind.Damaged, item, what);

    public void Missing(string item, string what) => Add(FindingKind.Missing, item, what);

    public void Extra(string item, string what) => Add(FindingKind.Extra, item, what);

    public void Read(long bytes)
    {
        _doneBytes += bytes;
        progress.Report(new ByteProgress(Part, Math.Min(_doneBytes, totalBytes), totalBytes));
    }

    public VerificationReport ToReport() => new()
    {
        Records = Records,
        Evidence = Evidence,
        LogEntries = LogEntries,
        Bytes = _doneBytes,
        Damaged = _counts.GetValueOrDefault(FindingKind.Damaged),
        Missing = _counts.GetValueOrDefault(FindingKind.Missing),
        Extra = _counts.GetValueOrDefault(FindingKind.Extra),
        NotExamined = NotExamined,
    };

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void Add(FindingKind kind, string item, string what)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        found(new Finding(kind, item, what));
    }
}
