using System.Text.Json.Serialization;
using Palisade.Decoding;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Cli;

/// <summary>
/// What <c>palisade hash --json</c> says about one file. The shape is documented and stays.
/// </summary>
internal sealed record HashLine
{
    public required string File { get; init; }

    /// <summary>ok, undecodable, refused or unreadable.</summary>
    public required string Status { get; init; }

    /// <summary>Why it is not ok; left out when it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    public string? Format { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public string? Md5 { get; init; }

    public string? Sha1 { get; init; }

    public string? Sha256 { get; init; }

    public ProfileHashes? Pdq { get; init; }

    /// <summary>True when the picture was decoded smaller because it is above the pixel cap; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Approximate { get; init; }

    [JsonIgnore]
    public bool IsOk => Status == "ok";

    /// <summary>The hash of the stored pixels (no orientation applied) in one profile.</summary>
    public sealed record ProfileHash(string Hash, int Quality)
    {
        public static ProfileHash Of(PdqFingerprint fingerprint) => new(fingerprint.Hash.ToString(), fingerprint.Quality);
    }

    public sealed record ProfileHashes(ProfileHash Full, ProfileHash Nn512);

    /// <summary>A file that was never opened, or could not be read to its end.</summary>
    public static HashLine NotRead(string file, string status, string reason) =>
        new() { File = file, Status = status, Reason = reason };

    /// <summary>A file whose bytes were read, decoded or not.</summary>
    public static HashLine Of(string file, in FileDigests digests, DecodeOutcome outcome)
    {
        var line = new HashLine
        {
            File = file,
            Status = "ok",
            Md5 = digests.Md5.ToString(),
            Sha1 = digests.Sha1.ToString(),
            Sha256 = digests.Sha256.ToString(),
        };
        return outcome switch
        {
            DecodeOutcome.Decoded { Picture: var picture } => line with
            {
                Format = picture.Format,
                Width = picture.Width,
                Height = picture.Height,
                Approximate = picture.Approximate ? true : null,
                Pdq = new ProfileHashes(
                    ProfileHash.Of(picture.Frames[0].Full), ProfileHash.Of(picture.Frames[0].Nn512!.Value)),
            },
            DecodeOutcome.Undecodable undecodable => line with
            {
                Status = "undecodable",
                Reason = Words.Of(undecodable.Reason),
                Format = undecodable.Format,
            },
            DecodeOutcome.Refused refused => line with
            {
                Status = "refused",
                Reason = refused.Format is null ? "not-a-picture" : "format-not-allowed",
                Format = refused.Format,
            },
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
