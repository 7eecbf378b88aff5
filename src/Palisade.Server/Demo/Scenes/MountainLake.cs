using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Ranges of mountains behind one another, a lake that mirrors them, and pines on the near shore.</summary>
internal static class MountainLake
{
    private const int Ranges = 4;

    public static Scene Compose(Chance chance, float aspect)
    {
        var shore = chance.NextFloat(0.58f, 0.68f);
        var sky = Sky.Compose(chance, aspect, shore);
        var near = chance.Near(Colours.Of(0x24402f), 0.03f);
        var rock = chance.Near(Colours.Of(0x57606b), 0.04f);
        var snowLine = chance.NextFloat(0.08f, 0.2f);
        var seed = chance.NextSeed();
        var sunFromLeft = sky.Sun.X < aspect / 2;

        Vector3 LandAt(float x, float y)
        {
            for (var range = Ranges - 1; range >= 0; range--)
            {
                var crest = CrestAt(range, x);
                if (y > crest)
                {
                    return RangeAt(range, x, y, crest);
                }
            }

            return sky.ColourAt(x, y);
        }

        // Range 0 is the farthest and highest.
        float CrestAt(int range, float x)
        {
            var nearness = range / (Ranges - 1f);
            var height = Noise.Mix(0.66f, 0.16f, nearness) * Noise.Ridges(x * (1.1f + 0.8f * range), range * 7.3f, seed + range, 7);
            return shore - 0.02f - height - 0.03f * (1f - nearness);
        }

        Vector3 RangeAt(int range, float x, float y, float crest)
        {
            var nearness = range / (Ranges - 1f);
            var slope = CrestAt(range, x + 0.012f) - CrestAt(range, x - 0.012f);
            var light = Math.Clamp(0.5f + (sunFromLeft ? -9f : 9f) * slope, 0f, 1f);
            var grain = Noise.Ridges(x * 9f, (y - crest) * 6f + x * 4f, seed + 31 * range, 4);
            var ground = Vector3.Lerp(rock, near, nearness) * (0.45f + 0.5f * light + 0.75f * (grain - 0.4f));
            var snow = Noise.Step(0.03f, -0.03f, y - crest - snowLine * (1f - nearness) + 0.22f * (grain - 0.45f));
            if (range < 2)
            {
                ground = Vector3.Lerp(ground, new Vector3(0.93f, 0.95f, 1f) * (0.6f + 0.4f * light), snow);
            }

            var haze = 0.62f * (1f - nearness) * (0.6f + 0.4f * Noise.Step(crest, shore, y));
            return Vector3.Lerp(ground * Vector3.Lerp(Vector3.One, sky.Light, 0.5f), sky.Horizon, haze);
        }

        return (x, y) =>
        {
            var pines = Trees.Pines(x, y, shore + 0.36f, seed + 77, 0.17f);
            if (pines > 0f)
            {
                return near * (0.16f + 0.5f * pines);
            }

            if (y <= shore)
            {
                return LandAt(x, y);
            }

            var depth = (y - shore) / (1f - shore);
            var ripple = Noise.At(x * 7f, (y - shore) * 140f / (0.3f + depth), seed + 5) - 0.5f;
            var mirrored = LandAt(x + ripple * 0.03f * depth, Math.Max(0.02f, 2 * shore - y + ripple * 0.06f * depth));
            var water = Vector3.Lerp(mirrored * 0.86f, Vector3.Lerp(sky.Zenith, near, 0.4f) * 0.7f, 0.16f + 0.4f * depth);
            var path = MathF.Exp(-MathF.Abs(x - sky.Sun.X) * 12f) * Noise.Step(0.18f, 0.4f, ripple);
            return water + sky.Light * (0.5f * path) + new Vector3(0.1f) * Noise.Step(0.01f, 0f, y - shore);
        };
    }
}
