using System.Globalization;
using System.Text.Json;
using Palisade.Decoding;
using Palisade.Evidence;
using Palisade.Signals.Digests;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>An upload with everything that was found out about it.</summary>
/// <param name="Outcome">Null where a pre-screen ruled out every match by look; then nothing of it is kept.</param>
internal sealed record JudgedUpload(Verdict Verdict, UploadDigests Digests, DecodeOutcome? Outcome)
{
    public RegionState Regions { get; init; }

    public IReadOnlyList<Digest> AllDigests
    {
        get
        {
            var all = Digests.All;
            return [all.Md5, all.Sha1, all.Sha256];
        }
    }
}

/// <summary>What is sealed with the bytes of an upload at the moment of detection.</summary>
internal static class Capture
{
    public static EvidenceFacts Of(string source, ScanRequest request, JudgedUpload judged, DateTimeOffset now) => new()
    {
        Source = source,
        Service = request.Service,
        CapturedAt = now,
        Digests = ScanFacts.DigestsByName(judged.AllDigests),
        Verdict = Explained(judged.Verdict),
        Declared = Declared(judged.Outcome),
        Provenance = null,
        ContentId = request.ContentId,
        UploaderToken = request.UploaderToken,
        UploadedAt = request.UploadedAt,
        FileName = request.FileName,
        Network = request.Network,
        Context = request.Context,
    };

    private static string Explained(Verdict verdict) => JsonSerializer.Serialize(
        new
        {
            action = Words.Of(verdict.Action),
            verdict.Reasons,
            matches = verdict.Matches.Concat(verdict.ShadowMatches).Select(KeptMatch.Of),
            verdict.IndexGeneration,
            verdict.Approximate,
        },
        JsonSerializerOptions.Web);

    /// <summary>What the file's own header says, as the decoder read it.</summary>
    private static Dictionary<string, string> Declared(DecodeOutcome? outcome)
    {
        var declared = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (outcome)
        {
            case DecodeOutcome.Decoded { Picture: var picture }:
                declared["format"] = picture.Format;
                declared["width"] = picture.Width.ToString(CultureInfo.InvariantCulture);
                declared["height"] = picture.Height.ToString(CultureInfo.InvariantCulture);
                declared["exifOrientation"] = picture.ExifOrientation.ToString(CultureInfo.InvariantCulture);
                declared["frames"] = picture.FrameCount.ToString(CultureInfo.InvariantCulture);
                break;
            case DecodeOutcome.Undecodable { Format: { } format } undecodable:
                declared["format"] = format;
                declared["undecodable"] = Words.Of(undecodable.Reason);
                break;
            case DecodeOutcome.Undecodable undecodable:
                declared["undecodable"] = Words.Of(undecodable.Reason);
                break;
            case DecodeOutcome.Refused { Format: { } format }:
                declared["format"] = format;
                break;
        }

        return declared;
    }
}
