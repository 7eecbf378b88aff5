namespace Palisade.CyberTipline;

/// <param name="Bytes">UTF-8 with its XML declaration, as it is sent.</param>
/// <param name="Notes">What was not written as it was given; show these to whoever answers for the report.</param>
public sealed record WrittenDocument(ReadOnlyMemory<byte> Bytes, IReadOnlyList<WritingNote> Notes);

/// <param name="Element">Path of the element, without a value.</param>
public sealed record WritingNote(WritingChange Change, string Element);

public enum WritingChange
{
    /// <summary>Characters that XML 1.0 forbids were taken out.</summary>
    CharactersRemoved,

    /// <summary>The value was too long: cut here, and given whole in the next <c>additionalInfo</c>.</summary>
    Continued,

    /// <summary>A 2026 addition that the authority's own schema does not have, or whose schema is not known.</summary>
    AdditionLeftOut,
}
