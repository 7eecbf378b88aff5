using Palisade.Audit.Notes;

namespace Palisade.Audit;

/// <summary>What the audit log is called and who witnesses it.</summary>
public sealed record AuditOptions
{
    /// <summary>
    /// The log's name in its checkpoints, such as <c>example.org/palisade</c>; counts when the log begins and stays. By default
    /// <c>palisade/</c> and 16 random digits.
    /// </summary>
    public string? Origin { get; init; }

    /// <summary>Other deployments that cosign this one's checkpoints, so that an older state cannot pass for the newest.</summary>
    public IReadOnlyList<WitnessOptions> Witnesses { get; init; } = [];

    /// <summary>What has to be changed, in words for the operator.</summary>
    public IEnumerable<string> Faults()
    {
        if (Origin is not null && !NoteKey.IsName(Origin))
        {
            yield return "audit.origin must be a name without spaces and plus signs, such as example.org/palisade.";
        }

        foreach (var witness in Witnesses)
        {
            if (!Uri.TryCreate(witness.Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                yield return "audit.witnesses: url must be http:// or https://, such as https://witness.example.org.";
            }

            if (!NoteKey.TryParse(witness.Key, out var key) || key.Kind != NoteKeyKind.Cosigner)
            {
                yield return "audit.witnesses: key must be the line that `palisade witness` prints, a name, eight digits and base 64 joined by plus signs.";
            }
        }
    }
}

/// <summary>One witness: where it answers, and the key by which its word is known.</summary>
public sealed record WitnessOptions
{
    /// <summary>Below which <c>add-checkpoint</c> lies.</summary>
    public string Url { get; init; } = "";

    /// <summary>Verifier key of kind 4, as <c>palisade witness</c> prints it.</summary>
    public string Key { get; init; } = "";
}
