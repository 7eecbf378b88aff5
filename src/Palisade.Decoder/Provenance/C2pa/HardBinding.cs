using System.Buffers.Binary;
using Palisade.Decoder.Provenance.Containers;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>Whether a manifest belongs to the bytes around it (C2PA specification 2.2, 9.2 and 18).</summary>
internal static class HardBinding
{
    public static void Check(Manifest manifest, ReadOnlyMemory<byte> file, FileParts parts, Verdicts verdicts)
    {
        var bindings = (manifest.Assertions?.Boxes ?? [])
            .Where(box => Manifest.NameOf(box.Label).StartsWith("c2pa.hash.", StringComparison.Ordinal)).ToList();
        if (bindings.Count == 0)
        {
            verdicts.Fail("claim.hardBindings.missing");
            return;
        }

        var isLinked = manifest.AssertionLinks
            .Select(link => link.TextAt("url")).OfType<string>().Select(Manifest.LabelOf).ToHashSet(StringComparer.Ordinal);
        foreach (var binding in bindings)
        {
            // What the claim does not name is not the signer's word.
            if (!isLinked.Contains(binding.Label))
            {
                verdicts.Fail("claim.hardBindings.missing");
                continue;
            }

            var assertion = binding.ContentType == "cbor" ? Cbor.Read(binding.Content) : null;
            var algorithm = assertion.TextAt("alg") ?? manifest.Claim.TextAt("alg");
            switch (Manifest.NameOf(binding.Label))
            {
                case "c2pa.hash.data":
                    CheckData(assertion, algorithm, file.Span, parts, verdicts);
                    break;
                case "c2pa.hash.bmff.v2" or "c2pa.hash.bmff.v3":
                    CheckBoxes(assertion, algorithm, file.Span, parts, verdicts);
                    break;
                default:
                    verdicts.Fail("algorithm.unsupported");
                    break;
            }
        }
    }

    private static void CheckData(
        object? assertion, string? algorithm, ReadOnlySpan<byte> file, FileParts parts, Verdicts verdicts)
    {
        using var digest = Digests.Begin(algorithm);
        if (digest is null)
        {
            verdicts.Fail("algorithm.unsupported");
            return;
        }

        long position = 0, excluded = 0;
        var covers = false;
        foreach (var exclusion in assertion.ListAt("exclusions"))
        {
            if (exclusion.NumberAt("start") is not { } start || exclusion.NumberAt("length") is not { } length ||
                start < position || length < 0 || start > file.Length || length > file.Length - start)
            {
                verdicts.Fail("assertion.dataHash.mismatch");
                return;
            }

            digest.AppendData(file[(int)position..(int)start]);
            position = start + length;
            excluded += length;
            covers |= start <= parts.StorePlace.Start && position >= parts.StorePlace.Start + parts.StorePlace.Length;
        }

        digest.AppendData(file[(int)position..]);
        var isTight = covers && excluded <= parts.StorePlace.Length;
        verdicts.Note(
            isTight && assertion.BytesAt("hash") is { } hash && digest.GetHashAndReset().AsSpan().SequenceEqual(hash.Span),
            "assertion.dataHash.match", "assertion.dataHash.mismatch");
    }

    /// <summary>Whole top-level boxes, each with its place in the file before it; only those that are named are left out.</summary>
    private static void CheckBoxes(
        object? assertion, string? algorithm, ReadOnlySpan<byte> file, FileParts parts, Verdicts verdicts)
    {
        using var digest = Digests.Begin(algorithm);
        var exclusions = assertion.ListAt("exclusions");
        if (digest is null || assertion.At("merkle") is not null || parts.Malformed.Count > 0 ||
            exclusions.Any(exclusion => exclusion.At("subset") is not null || !IsTopLevel(exclusion.TextAt("xpath"))))
        {
            verdicts.Fail("algorithm.unsupported");
            return;
        }

        Span<byte> place = stackalloc byte[8];
        foreach (var box in parts.Boxes)
        {
            var bytes = file.Slice(box.Start, box.Length);
            var isExcluded = false;
            foreach (var exclusion in exclusions)
            {
                isExcluded |= Excludes(exclusion, box, bytes);
            }

            if (!isExcluded)
            {
                BinaryPrimitives.WriteInt64BigEndian(place, box.Start);
                digest.AppendData(place);
                digest.AppendData(bytes);
            }
        }

        verdicts.Note(
            assertion.BytesAt("hash") is { } hash && digest.GetHashAndReset().AsSpan().SequenceEqual(hash.Span),
            "assertion.bmffHash.match", "assertion.bmffHash.mismatch");
    }

    private static bool IsTopLevel(string? path) => path is { Length: 5 } && path[0] == '/';

    private static bool Excludes(object? exclusion, FileBox box, ReadOnlySpan<byte> bytes)
    {
        // Pixels and their index are never left out without a tree of hashes over them.
        if (exclusion.TextAt("xpath") != "/" + box.Type || box.Type is "mdat" or "meta" or "moov" or "idat" ||
            (exclusion.NumberAt("length") is { } length && length != box.Length))
        {
            return false;
        }

        foreach (var filter in exclusion.ListAt("data"))
        {
            if (filter.NumberAt("offset") is not { } offset || filter.BytesAt("value") is not { } value ||
                offset < 0 || offset > bytes.Length || !bytes[(int)offset..].StartsWith(value.Span))
            {
                return false;
            }
        }

        return true;
    }
}
