using Palisade.Review;

namespace Palisade.Evidence.Holds;

/// <summary>What is held: one piece of evidence, or a case with all evidence that it has and will have.</summary>
public readonly record struct HoldSubject
{
    private readonly string _text;

    private HoldSubject(string text) => _text = text;

    public static HoldSubject Of(EvidenceId evidence) => new($"evidence/{evidence}");

    public static HoldSubject Of(CaseId @case) => new($"case/{@case}");

    /// <summary>Reads the id of a piece of evidence or of a case, or the text of a subject.</summary>
    public static bool TryParse(string? text, out HoldSubject subject)
    {
        var id = text?[(text.LastIndexOf('/') + 1)..];
        subject = EvidenceId.TryParse(id, out var evidence) ? Of(evidence) : CaseId.TryParse(id, out var @case) ? Of(@case) : default;
        return subject != default && (text == id || text == subject._text);
    }

    public EvidenceId? Evidence => EvidenceId.TryParse(Id, out var evidence) ? evidence : null;

    public CaseId? Case => CaseId.TryParse(Id, out var @case) ? @case : null;

    /// <summary>Kind and id, as the audit log writes it: <c>case/cas_…</c>.</summary>
    public override string ToString() => _text;

    private string Id => _text[(_text.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
