using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance;

/// <summary>Cuts lists and texts to what an answer may hold: files are written by strangers.</summary>
internal static class Bounds
{
    public static ProvenanceAnswer Keep(ProvenanceAnswer answer) => answer with
    {
        Findings = Cut(answer.Findings, finding => finding with
        {
            Mechanism = Cut(finding.Mechanism)!,
            Tool = Cut(finding.Tool),
            Detail = Cut(finding.Detail),
        }),
        Malformed = Cut(answer.Malformed, text => Cut(text)!),
        C2pa = answer.C2pa is { } c2pa
            ? new C2paReading(c2pa.State, Cut(c2pa.Manifests, Keep), Cut(c2pa.Failures, text => Cut(text)!))
            : null,
    };

    private static C2paManifest Keep(C2paManifest manifest) => manifest with
    {
        Label = Cut(manifest.Label)!,
        Generator = Cut(manifest.Generator),
        Signer = Cut(manifest.Signer),
        SignerName = Cut(manifest.SignerName),
        Actions = Cut(manifest.Actions, action => action with
        {
            Action = Cut(action.Action)!,
            SourceType = Cut(action.SourceType),
            Software = Cut(action.Software),
        }),
        Ingredients = Cut(manifest.Ingredients, ingredient => new C2paIngredient(
            Cut(ingredient.Relation)!, Cut(ingredient.Title), Cut(ingredient.Manifest))),
    };

    private static List<T> Cut<T>(IReadOnlyList<T> values, Func<T, T> keep) =>
        [.. values.Take(ProvenanceAnswer.MaxEntries).Select(keep)];

    private static string? Cut(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var kept = text.Length > ProvenanceAnswer.MaxText ? text[..ProvenanceAnswer.MaxText] : text;
        return string.Concat(kept.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
    }
}
