using Palisade.Evidence;

namespace Palisade.Reporting;

/// <summary>One look of a person at one piece of evidence, as the audit log has it.</summary>
public sealed record FileView
{
    public required EvidenceId Evidence { get; init; }

    /// <summary>Null when nobody can be named.</summary>
    public required string? By { get; init; }

    public required DateTimeOffset At { get; init; }

    public required FileSight Sight { get; init; }

    /// <summary>Of a video or animation every second was played; true for a still picture.</summary>
    public required bool WholeLength { get; init; }

    /// <summary>The person confirmed having viewed the entire content.</summary>
    public required bool Confirmed { get; init; }

    public bool MetadataPanelOpened { get; init; }

    /// <summary>
    /// Whether this look is that of 18 U.S.C. practice: a named person saw the whole file at full size and said so. An
    /// outline, a small grey look or a strip of frames is none.
    /// </summary>
    public bool IsOfEntireContent => By is not null && Sight == FileSight.FullSize && WholeLength && Confirmed;
}

public enum FileSight
{
    Facts,
    Outline,
    SmallGrey,
    FrameStrip,
    FullSize,
}

/// <summary>
/// Where reports learn who has seen what. Empty until a console records looks: then <c>fileViewedByEsp</c> is false, which is
/// the truth as far as it can be proved.
/// </summary>
public sealed class FileViews
{
    private readonly Func<EvidenceId, CancellationToken, Task<IReadOnlyList<FileView>>> _read;

    public FileViews(Func<EvidenceId, CancellationToken, Task<IReadOnlyList<FileView>>> read) => _read = read;

    public static FileViews None { get; } = new((_, _) => Task.FromResult<IReadOnlyList<FileView>>([]));

    public Task<IReadOnlyList<FileView>> OfAsync(EvidenceId id, CancellationToken cancellationToken) => _read(id, cancellationToken);

    /// <summary>The two facts that a report states of one file.</summary>
    public static (bool File, bool Metadata) Judge(EvidenceId id, IEnumerable<FileView> views)
    {
        var own = views.Where(view => view.Evidence == id).ToList();
        var file = own.Exists(view => view.IsOfEntireContent);
        return (file, file && own.Exists(view => view is { By: not null, MetadataPanelOpened: true }));
    }
}
