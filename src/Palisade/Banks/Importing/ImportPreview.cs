namespace Palisade.Banks.Importing;

/// <summary>Where an import stands.</summary>
public enum ImportState
{
    /// <summary>Being written, or was when the process ended; staging the same file again goes on.</summary>
    Staging,

    /// <summary>Whole, and waits for a person to make it live or discard it.</summary>
    Staged,

    /// <summary>Its additions and withdrawals count.</summary>
    Live,

    Discarded,
}

/// <summary>What a list does to its bank, or did.</summary>
public sealed record ImportPreview
{
    public required long Id { get; init; }

    public required BankId Bank { get; init; }

    public required ImportState State { get; init; }

    public required string SourceName { get; init; }

    /// <summary>SHA-256 of the file, in hexadecimal digits: where its signals come from.</summary>
    public required string SourceSha256 { get; init; }

    /// <summary>In which state the added signals begin.</summary>
    public required NewSignals NewSignals { get; init; }

    /// <summary>Lines read so far, blank ones included.</summary>
    public required long Lines { get; init; }

    public required long Added { get; init; }

    /// <summary>Values that the bank holds, or that stood on an earlier line.</summary>
    public required long AlreadyThere { get; init; }

    /// <summary>Signals of the bank that the list takes back.</summary>
    public required long Withdrawn { get; init; }

    /// <summary>
    /// Withdrawn lines with nothing to take back, and active ones whose signal was withdrawn before: a list does not
    /// overrule that.
    /// </summary>
    public required long AlreadyWithdrawn { get; init; }

    public required long Refused { get; init; }

    /// <summary>How many lines were refused for each reason.</summary>
    public IReadOnlyDictionary<LineRefusal, long> RefusedByReason { get; init; } = new Dictionary<LineRefusal, long>();

    /// <summary>The first refused lines, at most 20; <see cref="BankImports.RefusedLinesAsync"/> gives all.</summary>
    public IReadOnlyList<RefusedLine> FirstRefused { get; init; } = [];

    /// <summary>Signals that the bank holds and that are not withdrawn; counted only when the list withdraws some.</summary>
    public long Held { get; init; }

    /// <summary>More than 5 % of the bank is taken back, so that must be confirmed.</summary>
    public bool NeedsConfirmation => Withdrawn * 20 > Held;
}
