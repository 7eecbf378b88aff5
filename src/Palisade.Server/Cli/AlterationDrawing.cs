using Palisade.Server.Demo;
using Palisade.Signals.Regions;

namespace Palisade.Server.Cli;

/// <summary>Draws where an upload differs over its outlines, so that nobody need see the picture itself.</summary>
internal static class AlterationDrawing
{
    /// <summary>How many times a step of luma darkens an outline.</summary>
    private const int Strength = 3;

    public static Picture Draw(RegionPicture upload, RegionFinding finding)
    {
        var (width, height) = (upload.Frame.Width, upload.Frame.Height);
        var luma = upload.Luma.Span;
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = (y * width) + x;
                var across = luma[at] - luma[at + (x + 1 < width ? 1 : 0)];
                var down = luma[at] - luma[at + (y + 1 < height ? width : 0)];
                var paper = 255 - Math.Min(255, Strength * (Math.Abs(across) + Math.Abs(down)));
                var (red, green, blue) = finding.AtUpload((x + 0.5) / width, (y + 0.5) / height) switch
                {
                    MapState.Same => (214, 240, 214),
                    MapState.Altered => (250, 150, 140),
                    MapState.Blurred => (214, 180, 245),
                    MapState.Unknown => (225, 225, 225),
                    _ => (250, 240, 170),
                };
                rgb[3 * at] = (byte)(paper * red / 255);
                rgb[(3 * at) + 1] = (byte)(paper * green / 255);
                rgb[(3 * at) + 2] = (byte)(paper * blue / 255);
            }
        }

        return new Picture(width, height, rgb);
    }
}
