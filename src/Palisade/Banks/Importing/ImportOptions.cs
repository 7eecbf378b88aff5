using Palisade.Signals.Pdq;

namespace Palisade.Banks.Importing;

/// <summary>The forms of lists.</summary>
public enum ListFormat
{
    /// <summary>Found out from the first line.</summary>
    Auto,

    /// <summary>One hash a line, alone or followed by a comma and more; also <c>type value</c> and <c>hash=..,key=value</c>.</summary>
    Lines,

    /// <summary>Comma-separated with a header that names the columns, as python-threatexchange's data sets.</summary>
    Csv,

    /// <summary>Our interchange: one JSON object a line.</summary>
    Ndjson,
}

/// <summary>How a list is to be read.</summary>
public sealed record ImportOptions
{
    /// <summary>
    /// The type of values that do not say it. Needed for 64 hexadecimal digits, which may be PDQ or SHA-256: that is asked,
    /// never guessed.
    /// </summary>
    public SignalType? Type { get; init; }

    public ListFormat Format { get; init; } = ListFormat.Auto;

    /// <summary>Which pixels made the PDQ values that do not say it. Default full resolution.</summary>
    public PdqProfile Profile { get; init; } = PdqProfile.Full;

    /// <summary>State in which the signals begin; null means the bank's own setting.</summary>
    public NewSignals? NewSignals { get; init; }

    /// <summary>Largest file in bytes. Default 16 GiB.</summary>
    public long MaxFileBytes { get; init; } = 16L << 30;

    /// <summary>What must be equal for a killed import to go on where it was.</summary>
    internal string Fingerprint => $"{Type} {Format} {Profile} {NewSignals}";
}

/// <summary>How far an import has come.</summary>
/// <param name="BytesTotal">Of one pass; a survey pass comes before the staging.</param>
/// <param name="LinesPerSecond">Since this pass began or went on.</param>
public sealed record ImportProgress(
    ImportPhase Phase, long BytesDone, long BytesTotal, long Lines, long Refused, double LinesPerSecond);

public enum ImportPhase
{
    /// <summary>The whole list is read and judged; nothing is written.</summary>
    Survey,

    /// <summary>Signals are written in batches; none of them counts yet.</summary>
    Staging,

    /// <summary>An export writes signals.</summary>
    Writing,
}
