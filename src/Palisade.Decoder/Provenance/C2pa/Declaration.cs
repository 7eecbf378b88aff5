using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>Reduces the actions of a manifest, and of those it grew from, to one declaration.</summary>
internal static class Declaration
{
    /// <summary>More ancestors than any honest history has; a circle ends here too.</summary>
    private const int MaxGenerations = 16;

    public static DeclaredOrigin Of(Manifest manifest, Func<string, Manifest?> find, int generation = 0)
    {
        if (generation > MaxGenerations)
        {
            return DeclaredOrigin.None;
        }

        var actions = manifest.Actions;
        if (actions.Any(action => SourceTypes.IsPartlyGenerated(action.SourceType) ||
            (action.SourceType == SourceTypes.Trained && action.Action != "c2pa.created")))
        {
            return DeclaredOrigin.AiEdited;
        }

        var created = actions.FirstOrDefault(action => action.Action == "c2pa.created");
        if (created?.SourceType == SourceTypes.Trained)
        {
            return actions.Any(action => action.Action is "c2pa.opened" or "c2pa.placed")
                ? DeclaredOrigin.AiEdited
                : DeclaredOrigin.AiGenerated;
        }

        var inherited = DeclaredOrigin.None;
        foreach (var ingredient in manifest.Ingredients)
        {
            if (ingredient.Manifest is null || ingredient.Relation is not ("parentOf" or "componentOf") ||
                find(ingredient.Manifest) is not { } source || ReferenceEquals(source, manifest))
            {
                continue;
            }

            var declared = Of(source, find, generation + 1);
            var isPart = ingredient.Relation == "componentOf";
            if (declared == DeclaredOrigin.AiEdited || (declared == DeclaredOrigin.AiGenerated && isPart))
            {
                return DeclaredOrigin.AiEdited;
            }

            inherited = isPart ? inherited : declared;
        }

        return inherited is DeclaredOrigin.AiGenerated ? inherited : SourceTypes.Declares(created?.SourceType);
    }
}
