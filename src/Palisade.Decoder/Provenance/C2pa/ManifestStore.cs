using Palisade.Decoder.Contract;
using Palisade.Decoder.Provenance.Containers;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>Reads and checks a C2PA manifest store.</summary>
internal sealed class ManifestStore
{
    private const int MaxManifests = 64;
    private readonly List<(Manifest Manifest, C2paManifest Facts)> _manifests = [];
    private readonly FileParts _parts;
    private readonly List<string> _failures = [];
    private C2paState _state;

    private ManifestStore(FileParts parts) => _parts = parts;

    /// <summary>Adds the store's finding, and returns what it holds; null where the file has none.</summary>
    public static C2paReading? Read(
        ReadOnlyMemory<byte> file, FileParts parts, CertificateTrust trust, DateTimeOffset now,
        List<ProvenanceFinding> findings)
    {
        if (parts.StoreCount == 0)
        {
            return null;
        }

        var store = new ManifestStore(parts);
        try
        {
            store.Check(file, trust, now);
        }
        catch (InvalidDataException fault)
        {
            store._state = C2paState.Unreadable;
            store._failures.Add(fault.Message.Contains(' ', StringComparison.Ordinal) ? "claim.cbor.invalid" : fault.Message);
        }

        var declared = store._state == C2paState.Unreadable
            ? DeclaredOrigin.None
            : Declaration.Of(store._manifests[^1].Manifest, store.Find);
        findings.Add(new ProvenanceFinding
        {
            Mechanism = "c2pa",
            Declared = declared,
            LocalEdit = declared == DeclaredOrigin.AiEdited,
            Tool = store._state == C2paState.Unreadable ? null : store._manifests[^1].Facts.Generator,
            Strength = store._state switch
            {
                C2paState.Trusted => DeclarationStrength.SignedTrusted,
                C2paState.Valid => DeclarationStrength.SignedValidUntrusted,
                _ => DeclarationStrength.SignedInvalid,
            },
        });
        return new C2paReading(store._state, [.. store._manifests.Select(entry => entry.Facts)], store._failures);
    }

    private void Check(ReadOnlyMemory<byte> file, CertificateTrust trust, DateTimeOffset now)
    {
        var root = JumbfBox.Read(_parts.Store);
        var boxes = root.Boxes.Where(box => box.Type is "c2ma" or "c2um" or "c2cm").ToList();
        if (root.Type != "c2pa" || boxes.Count is 0 or > MaxManifests || boxes[^1].Type == "c2cm")
        {
            throw new InvalidDataException(boxes.Count == 0 ? "claim.missing" : "claim.malformed");
        }

        var isTrusted = false;
        foreach (var box in boxes)
        {
            var isActive = ReferenceEquals(box, boxes[^1]);
            if (TryRead(box, isActive) is not { } manifest)
            {
                continue;
            }

            var verdicts = new Verdicts();
            var signature = ClaimSignature.Check(manifest, trust, now, verdicts);
            CheckAssertions(manifest, verdicts);
            CheckIngredients(manifest, boxes, verdicts);
            if (isActive)
            {
                CheckActive(manifest, file, verdicts);
                isTrusted = signature.IsTrusted;
                _failures.AddRange(verdicts.Failures);
            }

            _manifests.Add((manifest, Facts(manifest, signature, verdicts)));
        }

        _state = _failures.Count > 0 ? C2paState.Invalid : isTrusted ? C2paState.Trusted : C2paState.Valid;
    }

    /// <summary>An ingredient's manifest that cannot be read hides nothing of the active one's.</summary>
    private static Manifest? TryRead(JumbfBox box, bool isActive)
    {
        try
        {
            return Manifest.Read(box);
        }
        catch (InvalidDataException) when (!isActive)
        {
            return null;
        }
    }

    private void CheckActive(Manifest manifest, ReadOnlyMemory<byte> file, Verdicts verdicts)
    {
        if (_parts.StoreCount > 1)
        {
            verdicts.Fail("claim.multiple");
        }

        if (manifest.Ingredients.Count(ingredient => ingredient.Relation == "parentOf") > 1)
        {
            verdicts.Fail("manifest.multipleParents");
        }

        // An update changes no pixels, and stands on its parent's hash.
        var bound = manifest;
        for (var steps = 0; bound.IsUpdate && steps < MaxManifests; steps++)
        {
            var parent = bound.Ingredients.FirstOrDefault(ingredient => ingredient.Relation == "parentOf")?.Manifest;
            if (parent is null || Find(parent) is not { } next)
            {
                break;
            }

            bound = next;
        }

        HardBinding.Check(bound, file, _parts, verdicts);
    }

    private static void CheckAssertions(Manifest manifest, Verdicts verdicts)
    {
        var redacted = manifest.Claim.ListAt("redacted_assertions").OfType<string>()
            .Select(Manifest.LabelOf).ToHashSet(StringComparer.Ordinal);
        var linked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var link in manifest.AssertionLinks)
        {
            var uri = link.TextAt("url") ?? string.Empty;
            var label = Manifest.LabelOf(uri);
            linked.Add(label);
            var store = uri.Contains("c2pa.credentials/", StringComparison.Ordinal)
                ? manifest.Box.Find("c2pa.credentials")
                : manifest.Assertions;
            var found = store?.Boxes.Where(box => box.Label == label).ToList() ?? [];
            if (found.Count != 1)
            {
                if (!redacted.Contains(label))
                {
                    verdicts.Fail("assertion.missing");
                }

                continue;
            }

            var fits = Digests.Fits(
                link.TextAt("alg") ?? manifest.Claim.TextAt("alg"), found[0].Payload.Span, link.BytesAt("hash"));
            if (fits is null)
            {
                verdicts.Fail("algorithm.unsupported");
            }
            else
            {
                verdicts.Note(fits.Value, "assertion.hashedURI.match", "assertion.hashedURI.mismatch");
            }
        }

        // What stands in the store and not in the claim was signed by nobody.
        if (manifest.Assertions?.Boxes.Any(box => !linked.Contains(box.Label)) == true)
        {
            verdicts.Fail("assertion.undeclared");
        }
    }

    private static void CheckIngredients(Manifest manifest, List<JumbfBox> boxes, Verdicts verdicts)
    {
        foreach (var (label, hash, algorithm) in manifest.IngredientHashes)
        {
            if (boxes.FirstOrDefault(box => box.Label == label) is not { } box)
            {
                verdicts.Fail("ingredient.manifest.missing");
            }
            else if (Digests.Fits(algorithm ?? "sha256", box.Payload.Span, hash) != true)
            {
                verdicts.Fail("ingredient.manifest.mismatch");
            }
        }
    }

    private Manifest? Find(string label) =>
        _manifests.FirstOrDefault(entry => entry.Facts.Label == label).Manifest;

    private static C2paManifest Facts(Manifest manifest, ClaimSignature signature, Verdicts verdicts) => new()
    {
        Label = manifest.Box.Label,
        ClaimVersion = manifest.Version,
        Generator = manifest.Generator,
        Signer = signature.Signer,
        SignerName = signature.SignerName,
        Algorithm = signature.Algorithm,
        StampedAt = signature.StampedAt?.ToUnixTimeMilliseconds(),
        Actions = manifest.Actions,
        Ingredients = manifest.Ingredients,
        Codes = verdicts.Codes,
        Failures = verdicts.Failures,
    };
}
