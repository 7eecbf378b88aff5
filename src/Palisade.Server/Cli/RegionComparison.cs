using System.Globalization;
using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Scanning;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;
using Palisade.Storage;

namespace Palisade.Server.Cli;

/// <summary><c>palisade compare A B --regions</c>: whether B was made from A, how, and where they differ.</summary>
internal static class RegionComparison
{
    public static async Task<int> RunAsync(
        string known, string upload, string? mapFile, bool asJson, Terminal terminal, CancellationToken cancellationToken)
    {
        await using var decoders = await LocalDecoders.StartAsync(files: 2, cancellationToken);
        if (await FindAsync(known, RegionParts.Codes | RegionParts.Map, decoders, terminal, cancellationToken) is not { } a ||
            await FindAsync(upload, RegionParts.Query | RegionParts.Picture | RegionParts.Whole, decoders, terminal, cancellationToken) is not { } b)
        {
            return ExitCode.Error;
        }

        if (a.Codes is not { } codes)
        {
            terminal.Complain($"{known}: there is too little texture in this picture for region codes, so copies of it are told by PDQ only.");
            return ExitCode.Error;
        }

        var matches = new List<RegionMatch>();
        var index = RegionIndex.Empty.With([KeyValuePair.Create(0, codes)], []);
        new RegionSearcher().Search(index, b.Query!, matches, new RegionBands().PossibleFrom);
        if (matches is not [var match, ..])
        {
            terminal.Out.WriteLine(asJson
                ? """{"score":0,"band":"none"}"""
                : $"{Terminal.Escaped(upload)} was not made from {Terminal.Escaped(known)}, as far as region codes can tell: fewer than 6 points were found again.");
            if (mapFile is not null)
            {
                terminal.Complain("There is no map to draw.");
            }

            return ExitCode.Ok;
        }

        var finding = new MapComparison().Compare(a.Map!, b.Picture!, match.Transform);
        var kept = KeptRegion.Of(new RegionFound
        {
            Score = match.Score,
            Band = new RegionBands().Of(match.Score, enrolled: 1),
            Coverage = match.Coverage,
            Transform = match.Transform,
            Finding = finding,
        });
        if (asJson)
        {
            terminal.Out.WriteJsonLine(new
            {
                kept.Score,
                kept.Band,
                kept.Direction,
                coverage = new ScanLine.Covered(kept.CoverageOfEnrolled, kept.CoverageOfUpload),
                kept.Mirrored,
                kept.ScalePercent,
                kept.TurnDegrees,
                map = Enum.GetValues<MapState>().ToDictionary(Words.Of, state => Math.Round(finding.ShareOf(state), 3), StringComparer.Ordinal),
                mapFile,
            });
        }
        else
        {
            foreach (var line in kept.ToLines())
            {
                terminal.Out.WriteLine(line);
            }
        }

        if (mapFile is not null)
        {
            var drawing = AlterationDrawing.Draw(b.Whole!, finding);
            var png = await decoders.Pool.EncodeAsync(drawing.Rgb, drawing.Width, drawing.Height, "png", 90, cancellationToken);
            await File.WriteAllBytesAsync(mapFile, png, cancellationToken);
            if (!asJson)
            {
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{mapFile}: outlines of {upload}; green as in {known}, red altered, violet blurred, yellow not from it"));
            }
        }

        return ExitCode.Ok;
    }

    private static async Task<RegionAnswer?> FindAsync(
        string path, RegionParts parts, LocalDecoders decoders, Terminal terminal, CancellationToken cancellationToken)
    {
        var read = await UploadReader.ReadAsync(new PictureFile(path), decoders.MaxFileBytes, cancellationToken);
        if (read is ReadUpload.Whole { Bytes: var bytes } &&
            await decoders.Pool.FindRegionsAsync(bytes, parts, cancellationToken) is RegionOutcome.Found { Regions: var found })
        {
            return found;
        }

        terminal.Complain($"{path}: " + PlainReason.Of(read switch
        {
            ReadUpload.Refused { Reason: var reason } => reason,
            ReadUpload.Unreadable { Reason: var reason } => reason,
            ReadUpload.TooLarge => "too-large",
            _ => "not-a-picture",
        }));
        return null;
    }
}
