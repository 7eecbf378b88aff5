namespace Palisade.Evidence;

/// <summary>A piece of evidence is not what was sealed. Nothing of the damaged part was given out.</summary>
public sealed class EvidenceDamagedException(EvidenceId id, string what) : Exception(
    $"Evidence {id} is damaged: {what}. Bring its file or record back from a backup; `palisade verify` names everything that is damaged.")
{
    public EvidenceId Id { get; } = id;
}
