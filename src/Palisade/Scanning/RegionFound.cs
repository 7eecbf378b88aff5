using System.Collections.Immutable;
using System.Globalization;
using Palisade.Signals.Pdq;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>How far an upload's regions have been compared. The words are part of the API.</summary>
public enum RegionState
{
    /// <summary>The service does not ask.</summary>
    Off,

    /// <summary>Compared, and what was found is in the verdict.</summary>
    Done,

    /// <summary>They are compared later; a verdict that is not clean then follows by the feed.</summary>
    Pending,

    /// <summary>There was no need: the banks know the picture by itself, or there is none that could be read.</summary>
    NotNeeded,
}

/// <summary>What is known of an upload that was made from an enrolled picture.</summary>
public sealed record RegionFound
{
    /// <summary>How many points of the enrolled picture were found again, each where it must be.</summary>
    public required int Score { get; init; }

    public required RegionBand Band { get; init; }

    public required RegionCoverage Coverage { get; init; }

    public required RegionTransform Transform { get; init; }

    /// <summary>What became of each place of the enrolled picture; null where no map of it was kept, or none was asked for.</summary>
    public RegionFinding? Finding { get; init; }

    /// <summary>The upload's own look, by which a reviewer's word that two pictures are of one scene is remembered.</summary>
    public PdqHash? UploadPdq { get; init; }
}

/// <summary>The same as a record keeps it. Where the upload was altered, and from which photo, is for reviewers alone.</summary>
/// <param name="CoverageOfEnrolled">The share of the enrolled picture that was found again, 0 to 1.</param>
/// <param name="CoverageOfUpload">The share of the upload that comes from it, 0 to 1.</param>
/// <param name="ScalePercent">Of the enrolled picture in the upload.</param>
/// <param name="TurnDegrees">Clockwise, of the enrolled picture in the upload.</param>
/// <param name="Map">
/// 32 x 32 places of the enrolled picture, row by row: <c>.</c> same, <c>#</c> altered, <c>?</c> unknown, <c>~</c> blurred.
/// </param>
public sealed record KeptRegion(
    int Score,
    string Band,
    string Direction,
    double CoverageOfEnrolled,
    double CoverageOfUpload,
    bool Mirrored,
    double ScalePercent,
    double TurnDegrees,
    string? Map,
    string? UploadPdq)
{
    private const string Letters = ".#?~";

    public static KeptRegion Of(RegionFound found)
    {
        var similarity = found.Transform.Similarity;
        return new KeptRegion(
            found.Score,
            Words.Of(found.Band),
            Words.Of(found.Coverage.Direction),
            Math.Round(found.Coverage.OfEnrolled, 2),
            Math.Round(found.Coverage.OfUpload, 2),
            found.Transform.IsMirrored,
            Math.Round(similarity.Scale * 100, 1),
            // Added to 0, a turn of -0 is none.
            Math.Round(Math.Atan2(similarity.B, similarity.A) * 180 / Math.PI, 1) + 0,
            found.Finding is { } finding ? string.Concat(finding.States.Select(state => Letters[(int)state])) : null,
            found.UploadPdq?.ToString());
    }

    /// <summary>The map's places; null where there is none.</summary>
    public IReadOnlyList<MapState>? Places() =>
        Map is { Length: AlteredMap.Side * AlteredMap.Side } map && map.All(Letters.Contains)
            ? [.. map.Select(letter => (MapState)Letters.IndexOf(letter))]
            : null;

    /// <summary>The finding in plain lines, for a report or a reviewer.</summary>
    public ImmutableArray<string> ToLines()
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        lines.Add($"altered copy: {Band}, {Score.ToString(CultureInfo.InvariantCulture)} points found again");
        lines.Add(Direction switch
        {
            "background-kept" => "what happened: the picture is there from end to end, parts of it may be repainted",
            "cropped" => "what happened: the upload is a part of the picture",
            "framed" => "what happened: the upload shows the picture and more around it",
            _ => "what happened: a part of the picture lies in another one",
        });
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"found again: {CoverageOfEnrolled:P0} of the known picture, {CoverageOfUpload:P0} of the upload"));
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"transform: scale {ScalePercent:0.#} %, turned {TurnDegrees:0.#} degrees{(Mirrored ? ", mirrored" : "")}"));
        if (Places() is { } places)
        {
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"map of the known picture: {Share(MapState.Same):P0} same, {Share(MapState.Altered):P0} altered, {Share(MapState.Blurred):P0} blurred, {Share(MapState.Unknown):P0} not shown"));

            double Share(MapState state) => places.Count(place => place == state) / (double)places.Count;
        }

        return lines.ToImmutable();
    }
}
