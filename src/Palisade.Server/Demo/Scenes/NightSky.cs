using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Stars and northern lights over a dark range, with pines and a frozen lake.</summary>
internal static class NightSky
{
    public static Scene Compose(Chance chance, float aspect)
    {
        var shore = chance.NextFloat(0.7f, 0.78f);
        var zenith = chance.Near(Colours.Of(0x0b1230), 0.02f);
        var low = chance.Near(Colours.Of(0x27406e), 0.03f);
        var glow = chance.Pick([Colours.Of(0x3ff0a0), Colours.Of(0x54e0d0), Colours.Of(0x9be25a)]);
        var fringe = chance.Pick([Colours.Of(0xb45af0), Colours.Of(0xf0609a), Colours.Of(0x5a7cf0)]);
        var tilt = chance.NextFloat(-0.25f, 0.25f);
        var seed = chance.NextSeed();

        Vector3 HeavensAt(float x, float y)
        {
            var colour = Vector3.Lerp(zenith, low, MathF.Pow(Math.Clamp(y / shore, 0f, 1f), 1.7f));
            var star = (X: (int)MathF.Floor(x * 90f), Y: (int)MathF.Floor(y * 90f));
            var brightness = Noise.OfCell(star.X, star.Y, seed + 1);
            if (brightness > 0.9f)
            {
                var aside = new Vector2(x * 90f - star.X - 0.5f, y * 90f - star.Y - 0.5f).Length();
                colour += new Vector3(0.95f, 0.97f, 1f) * ((brightness - 0.9f) * 9f * Noise.Step(0.26f, 0.05f, aside));
            }

            for (var curtain = 0; curtain < 3; curtain++)
            {
                var fold = 0.3f * (Noise.Octaves(x * 1.5f, curtain * 4f, seed + 10 + curtain, 3) - 0.5f);
                var foot = 0.34f + 0.16f * curtain + tilt * (x - aspect / 2) * 0.7f + fold;
                var up = foot - y;
                if (up < -0.03f)
                {
                    continue;
                }

                var rays = Noise.Octaves(x * 17f + fold * 30f, y * 0.7f, seed + 20 + curtain, 3);
                var sheet = Noise.Step(-0.03f, 0.02f, up) * MathF.Exp(-up * (4.5f + 3f * curtain)) * Noise.Step(0.22f, 0.78f, rays);
                colour += Vector3.Lerp(glow, fringe, Noise.Step(0.05f, 0.32f, up)) * (1.05f * sheet * (0.75f + 0.25f * curtain));
            }

            return colour;
        }

        Vector3 LandAt(float x, float y)
        {
            for (var range = 1; range >= 0; range--)
            {
                var crest = CrestAt(range, x);
                if (y < crest)
                {
                    continue;
                }

                var grain = Noise.Ridges(x * 7f, (y - crest) * 5f + x * 3f, seed + 30 + range, 4);
                var snow = Noise.Step(0.42f, 0.6f, grain + 0.35f * (1f - range) - (y - crest) * 1.6f);
                var rock = Vector3.Lerp(low * 0.5f, zenith * 0.7f, range);
                return Vector3.Lerp(rock, Colours.Of(0x9fb6d8) * (0.75f - 0.3f * range) + glow * 0.08f, snow * (1f - 0.55f * range));
            }

            return HeavensAt(x, y);
        }

        float CrestAt(int range, float x) =>
            shore - 0.01f - (0.42f - 0.22f * range) * Noise.Ridges(x * (1.2f + range), 5f + range, seed + 3 + range, 6);

        return (x, y) =>
        {
            var pines = Trees.Pines(x, y, 0.97f, seed + 60, 0.3f);
            if (pines > 0f)
            {
                return zenith * (0.25f + 0.4f * pines);
            }

            if (y <= shore)
            {
                return LandAt(x, y);
            }

            var depth = (y - shore) / (1f - shore);
            var ripple = Noise.Octaves(x * 4f, (y - shore) * 60f, seed + 70, 3) - 0.5f;
            var mirrored = LandAt(x + 0.05f * ripple * depth, Math.Max(0.01f, 2 * shore - y - 0.35f * depth * shore + 0.04f * ripple));
            return mirrored * (0.78f - 0.2f * depth) + new Vector3(0.05f * ripple);
        };
    }
}
