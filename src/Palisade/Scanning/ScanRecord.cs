using System.Text.Json;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Signals.Digests;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>
/// What is kept of a scan that was not clean, or that met a signal on probation. Its bytes lie sealed in the vault, and its
/// place among others of the same picture is its case.
/// </summary>
public sealed record ScanRecord
{
    public required ScanId Id { get; init; }

    public required string Service { get; init; }

    /// <summary>The verdict that was answered; <see cref="ScanRecords"/> knows the one in force now.</summary>
    public required VerdictAction Verdict { get; init; }

    public required long IndexGeneration { get; init; }

    public required DateTimeOffset ScannedAt { get; init; }

    public required ScanFacts Facts { get; init; }

    /// <summary>What seals the facts to this record and no other.</summary>
    internal string Bound() => FormattableString.Invariant(
        $"scan_record|{Id}|{Service}|{Verdict}|{IndexGeneration}|{ScannedAt.ToUnixTimeMilliseconds()}");
}

/// <summary>The part of a record that lies sealed.</summary>
public sealed record ScanFacts
{
    public string? ContentId { get; init; }

    public string? UploaderToken { get; init; }

    /// <summary>When the platform says that it received the upload.</summary>
    public DateTimeOffset? UploadedAt { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    public required IReadOnlyList<KeptMatch> Matches { get; init; }

    /// <summary>Lower-case hexadecimal, by name (md5, sha1, sha256); of a look-up, those that were sent.</summary>
    public required IReadOnlyDictionary<string, string> Digests { get; init; }

    public bool Approximate { get; init; }

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    internal static ScanFacts FromBytes(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<ScanFacts>(bytes, JsonSerializerOptions.Web)!;

    internal static Dictionary<string, string> DigestsByName(IEnumerable<Digest> digests) => digests.ToDictionary(
        digest => Words.Of(digest.Type), digest => digest.ToString(), StringComparer.Ordinal);
}

/// <summary>A match as a record keeps it: names and numbers as they were at the time.</summary>
/// <param name="Type">The signal's, or <see cref="RegionType"/> when the upload was made from the signal's picture.</param>
/// <param name="Region">Null but for that type.</param>
public sealed record KeptMatch(
    string Bank,
    string Signal,
    string Type,
    int Distance,
    int Threshold,
    string Orientation,
    int Frame,
    bool Shadow,
    KeptRegion? Region = null)
{
    public const string RegionType = "region";

    internal static KeptMatch Of(Match match) => new(
        match.Bank.Name,
        match.Signal.ToString(),
        match.Region is null ? Words.Of(match.Type) : RegionType,
        match.DistanceBits,
        match.ThresholdBits,
        Words.Of(match.Orientation),
        match.Frame,
        match.IsShadow,
        match.Region is { } region ? KeptRegion.Of(region) : null);
}

/// <summary>A record on its way to the store, with its way into a case where it has one.</summary>
internal sealed record KeptScan(ScanRecord Record, IncomingUpload? Case);
