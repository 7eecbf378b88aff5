using System.Diagnostics;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Policy;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Scanning;

/// <summary>Everything by which the banks are asked about one upload.</summary>
public sealed record Fingerprints
{
    public required IReadOnlyList<Digest> Digests { get; init; }

    public IReadOnlyList<Needle> Needles { get; init; } = [];

    /// <summary>Of bytes and of what the decoder read in them; every frame, in each profile and orientation asked for.</summary>
    public static Fingerprints Of(in FileDigests digests, DecodeOutcome? outcome, ServicePolicy policy) => new()
    {
        Digests = [digests.Sha256, digests.Sha1, digests.Md5],
        Needles = NeedlesOf(outcome, policy),
    };

    /// <summary>The same, with no more digests than these banks can know.</summary>
    internal static Fingerprints Of(
        UploadDigests digests, DecodeOutcome? outcome, ServicePolicy policy, IndexGeneration index) =>
        index.MayHoldWeakDigests
            ? Of(digests.All, outcome, policy)
            : new Fingerprints { Digests = [digests.Sha256], Needles = NeedlesOf(outcome, policy) };

    private static List<Needle> NeedlesOf(DecodeOutcome? outcome, ServicePolicy policy)
    {
        var needles = new List<Needle>();
        if (outcome is DecodeOutcome.Decoded { Picture.Frames: var frames })
        {
            foreach (var frame in frames)
            {
                foreach (var profile in policy.Profiles)
                {
                    AddNeedles(
                        frame.Frame,
                        profile == PdqProfile.Full ? frame.Full
                            : frame.Nn512 ?? throw new UnreachableException("The decoder was not asked for nn512."));
                }
            }
        }

        return needles;

        void AddNeedles(int frame, in PdqFingerprint fingerprint)
        {
            var count = policy.AllOrientations ? 8 : 1;
            for (var orientation = 0; orientation < count; orientation++)
            {
                var hash = fingerprint.Hashes[(Orientation)orientation];
                if (!needles.Exists(known => known.Frame == frame && known.Hash == hash))
                {
                    needles.Add(new Needle(hash, (Orientation)orientation, frame, fingerprint.Quality));
                }
            }
        }
    }
}

/// <summary>One PDQ hash that is looked for.</summary>
/// <param name="Quality">0 to 100; 100 when a caller who sent the hash did not say.</param>
public readonly record struct Needle(PdqHash Hash, Orientation Orientation, int Frame, int Quality);
