using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>A city at the water in three rows of towers, windows lit at dusk, mirrored below.</summary>
internal static class Skyline
{
    public static Scene Compose(Chance chance, float aspect)
    {
        var quay = chance.NextFloat(0.68f, 0.78f);
        var sky = Sky.Compose(chance, aspect, quay);
        var isDusk = Colours.LumaOf(sky.Zenith) < 0.33f;
        var facade = chance.Near(isDusk ? Colours.Of(0x2a3040) : Colours.Of(0x7d8794), 0.05f);
        var centre = aspect * chance.NextFloat(0.3f, 0.7f);
        var seed = chance.NextSeed();

        Vector3 CityAt(float x, float y)
        {
            for (var row = 2; row >= 0; row--)
            {
                if (TowerAt(row, x, y) is { } colour)
                {
                    return colour;
                }
            }

            return sky.ColourAt(x, y);
        }

        // Row 0 is the farthest and tallest.
        Vector3? TowerAt(int row, float x, float y)
        {
            var spacing = 0.075f + 0.025f * row;
            var shifted = x + 0.37f * row;
            var plot = (int)MathF.Floor(shifted / spacing);
            var chanceOfPlot = Noise.OfCell(plot, row, seed);
            var downtown = MathF.Exp(-2.2f * MathF.Pow(MathF.Abs((plot + 0.5f) * spacing - 0.37f * row - centre), 1.5f));
            var height = (0.62f - 0.17f * row) * (0.25f + 0.75f * chanceOfPlot) * (0.4f + 0.6f * downtown) + 0.05f;
            var inside = shifted / spacing - plot;
            var margin = 0.04f + 0.12f * Noise.OfCell(plot, row + 10, seed);
            var top = quay - height;

            var isAntenna = chanceOfPlot > 0.72f && MathF.Abs(inside - 0.5f) < 0.018f && y > top - 0.09f;
            var setBack = Noise.OfCell(plot, row + 20, seed) > 0.5f && y < top + height * 0.22f ? 0.16f : 0f;
            if (isAntenna && y < top)
            {
                return facade * 0.5f;
            }

            if (y < top || y > quay || inside < margin + setBack || inside > 1f - margin - setBack)
            {
                return null;
            }

            var tint = 0.75f + 0.6f * Noise.OfCell(plot, row + 30, seed);
            var towardsSun = Math.Clamp((sky.Sun.X - x) / aspect * (inside - 0.5f) * 3f, -0.3f, 0.3f);
            var wall = facade * (tint * (1f + towardsSun) * (0.82f + 0.3f * Noise.Step(quay, top, y)));
            var window = WindowAt(row, plot, inside, y - top);
            wall = Vector3.Lerp(wall, window.Colour, window.Share);
            return Vector3.Lerp(wall, sky.Horizon, 0.2f * (2 - row));
        }

        (Vector3 Colour, float Share) WindowAt(int row, int plot, float inside, float down)
        {
            var columns = 6 + (int)(4 * Noise.OfCell(plot, row + 40, seed));
            var storey = down / 0.0155f;
            var across = inside * columns;
            var pane = (Column: (int)across, Row: (int)storey);
            if (across - pane.Column is < 0.2f or > 0.85f || storey - pane.Row is < 0.25f or > 0.82f)
            {
                return (default, 0f);
            }

            var light = Noise.OfCell(pane.Column + 97 * plot, pane.Row, seed + row);
            if (isDusk)
            {
                var isLit = light > 0.55f;
                return (isLit ? Vector3.Lerp(Colours.Of(0xffc15e), Colours.Of(0xfff2cf), light) : facade * 0.5f, 0.92f);
            }

            return (Vector3.Lerp(sky.Zenith * 0.55f, sky.Horizon, light), 0.75f);
        }

        return (x, y) =>
        {
            if (y <= quay)
            {
                return CityAt(x, y);
            }

            if (y < quay + 0.012f)
            {
                return facade * 0.45f;
            }

            var depth = (y - quay) / (1f - quay);
            var ripple = Noise.Octaves(x * 5f, (y - quay) * 95f / (0.5f + depth), seed + 50, 3) - 0.5f;
            var mirrored = CityAt(x + 0.06f * ripple * (0.2f + depth), Math.Max(0.02f, 2 * quay - y - 0.1f * ripple * depth));
            return Vector3.Lerp(mirrored * 0.8f, sky.Zenith * 0.5f, 0.25f + 0.3f * depth) + new Vector3(0.12f * ripple);
        };
    }
}
