using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>One manifest of a store as it lies there: its claim and what the claim names.</summary>
internal sealed class Manifest
{
    public required JumbfBox Box { get; init; }

    public required JumbfBox ClaimBox { get; init; }

    public required object Claim { get; init; }

    public JumbfBox? Assertions { get; init; }

    public List<C2paAction> Actions { get; } = [];

    public List<C2paIngredient> Ingredients { get; } = [];

    /// <summary>Ingredients' manifests by hash, for the check that nobody changed them.</summary>
    public List<(string Label, ReadOnlyMemory<byte>? Hash, string? Algorithm)> IngredientHashes { get; } = [];

    public int Version => ClaimBox.Label.StartsWith("c2pa.claim.v2", StringComparison.Ordinal) ? 2 : 1;

    public bool IsUpdate => Box.Type == "c2um";

    public IEnumerable<object?> AssertionLinks => Version == 2
        ? Claim.ListAt("created_assertions").Concat(Claim.ListAt("gathered_assertions"))
        : Claim.ListAt("assertions");

    /// <summary>The program's name, without its version where the claim tells them apart.</summary>
    public string? Generator => Info.TextAt("name") ?? Claim.TextAt("claim_generator");

    private object? Info => Claim.At("claim_generator_info") is List<object?> list ? list.FirstOrDefault() : Claim.At("claim_generator_info");

    /// <exception cref="InvalidDataException">There is no claim, or it cannot be read.</exception>
    public static Manifest Read(JumbfBox box)
    {
        var claims = box.Boxes.Where(child => child.Type == "c2cl").ToList();
        if (claims.Count != 1)
        {
            throw new InvalidDataException(claims.Count == 0 ? "claim.missing" : "claim.multiple");
        }

        if (Cbor.Read(claims[0].Content) is not Dictionary<object, object?> claim)
        {
            throw new InvalidDataException("claim.cbor.invalid");
        }

        var manifest = new Manifest
        {
            Box = box,
            ClaimBox = claims[0],
            Claim = claim,
            Assertions = box.Find("c2pa.assertions"),
        };
        manifest.CheckForm();
        foreach (var assertion in (manifest.Assertions?.Boxes ?? []).Where(assertion => assertion.ContentType == "cbor"))
        {
            var name = NameOf(assertion.Label);
            if (name is "c2pa.actions" or "c2pa.actions.v2")
            {
                manifest.ReadActions(Cbor.Read(assertion.Content));
            }
            else if (name is "c2pa.ingredient" or "c2pa.ingredient.v2" or "c2pa.ingredient.v3")
            {
                manifest.ReadIngredient(Cbor.Read(assertion.Content));
            }
        }

        return manifest;
    }

    /// <summary>A label without the number of its repetition.</summary>
    public static string NameOf(string label) =>
        label.IndexOf("__", StringComparison.Ordinal) is > 0 and var at ? label[..at] : label;

    /// <summary>The last part of a JUMBF URI.</summary>
    public static string LabelOf(string uri) => uri[(uri.LastIndexOf('/') + 1)..];

    /// <summary>Links that no published version of the specification writes, or hashes of no named kind: nothing to check by.</summary>
    private void CheckForm()
    {
        var signature = Claim.TextAt("signature") ?? throw new InvalidDataException("claim.malformed");
        var isKnown = signature.StartsWith("self#jumbf=/c2pa/", StringComparison.Ordinal) ||
            signature.StartsWith("self#jumbf=c2pa.", StringComparison.Ordinal);
        if (!isKnown)
        {
            throw new InvalidDataException("claim.malformed");
        }

        if (Claim.TextAt("alg") is null && AssertionLinks.Any(link => link.TextAt("alg") is null))
        {
            throw new InvalidDataException("algorithm.unsupported");
        }
    }

    private void ReadActions(object? assertion)
    {
        foreach (var action in assertion.ListAt("actions"))
        {
            if (action.TextAt("action") is not { } name || Actions.Count >= ProvenanceAnswer.MaxEntries)
            {
                continue;
            }

            var type = action.TextAt("digitalSourceType");
            var software = action.At("softwareAgent") as string ?? action.At("softwareAgent").TextAt("name");
            Actions.Add(new C2paAction(
                name, type is null ? null : SourceTypes.TermOf(type), software,
                action.ListAt("changes").Count > 0));
        }
    }

    private void ReadIngredient(object? assertion)
    {
        var link = assertion.At("activeManifest") ?? assertion.At("c2pa_manifest");
        var label = link.TextAt("url") is { } uri ? LabelOf(uri) : null;
        if (Ingredients.Count < ProvenanceAnswer.MaxEntries)
        {
            Ingredients.Add(new C2paIngredient(
                assertion.TextAt("relationship") ?? "unknown", assertion.TextAt("dc:title"), label));
            if (label is not null)
            {
                IngredientHashes.Add((label, link.BytesAt("hash"), link.TextAt("alg") ?? Claim.TextAt("alg")));
            }
        }
    }
}
