using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Dunes behind dunes, each with a lit side, a shaded side and ripples drawn by the wind.</summary>
internal static class Dunes
{
    private const int Rows = 5;

    public static Scene Compose(Chance chance, float aspect)
    {
        var horizon = chance.NextFloat(0.36f, 0.46f);
        var sky = Sky.Compose(chance, aspect, horizon) with { Cloudiness = chance.NextFloat(0.15f, 0.35f) };
        var sand = chance.Near(chance.Pick([Colours.Of(0xd99a5b), Colours.Of(0xe3bd83), Colours.Of(0xc9764a)]), 0.03f);
        var shade = sand * chance.Near(new Vector3(0.42f, 0.36f, 0.42f), 0.03f);
        var lean = chance.NextBool() ? 1f : -1f;
        var seed = chance.NextSeed();

        float CrestAt(int row, float x)
        {
            var nearness = row / (Rows - 1f);
            var swell = Noise.At(x * Noise.Mix(2.6f, 0.9f, nearness) + row * 5.1f, row * 3f, seed);
            var peak = Noise.Ridges(x * Noise.Mix(1.5f, 0.6f, nearness) + row * 2.7f, row * 9f, seed + row, 2);
            return horizon + 0.02f + 0.48f * nearness * nearness - (0.1f + 0.12f * nearness) * (0.6f * swell + peak) + 0.06f * nearness;
        }

        return (x, y) =>
        {
            for (var row = Rows - 1; row >= 0; row--)
            {
                var crest = CrestAt(row, x);
                if (y < crest)
                {
                    continue;
                }

                var nearness = row / (Rows - 1f);
                var down = y - crest;

                // The brink wanders down the slope; on one side of it lies the lee in shadow.
                var slope = (CrestAt(row, x + 0.02f) - CrestAt(row, x - 0.02f)) * 25f * lean;
                var brink = slope + 1.1f * (Noise.At(x * 2.2f, down * 5f + row, seed + 40) - 0.5f) - down * 2.2f;
                var lit = Noise.Step(-0.16f, 0.22f, brink);
                var bend = 0.06f * Noise.Octaves(x * 3f, down * 4f, seed + 20, 3);
                var ripples = MathF.Sin((down + bend) * Noise.Mix(420f, 130f, nearness) + x * 9f * lean);
                var grain = Noise.At(x * 300f, y * 300f, seed + 60) - 0.5f;
                var colour = Vector3.Lerp(shade, sand * 1.12f, lit);
                colour *= 1f + 0.075f * ripples * (0.3f + 0.7f * lit) + 0.05f * grain;
                return Vector3.Lerp(colour, sky.Horizon, 0.45f * (1f - nearness) * (1f - nearness));
            }

            return sky.ColourAt(x, y);
        };
    }
}
