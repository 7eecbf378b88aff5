namespace Palisade.Evidence;

/// <summary>There is no such evidence, or no longer.</summary>
public sealed class EvidenceUnavailableException(EvidenceId id, string why) : Exception($"Evidence {id} cannot be opened: {why}.")
{
    public EvidenceId Id { get; } = id;
}
