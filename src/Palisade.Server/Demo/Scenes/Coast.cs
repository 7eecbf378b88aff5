using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>The sea with headlands and a sail, breakers, and a beach.</summary>
internal static class Coast
{
    public static Scene Compose(Chance chance, float aspect)
    {
        var horizon = chance.NextFloat(0.4f, 0.52f);
        var sky = Sky.Compose(chance, aspect, horizon);
        var deep = chance.Near(Colours.Of(0x0f4c6b), 0.03f);
        var shallow = chance.Near(Colours.Of(0x4fb3ac), 0.04f);
        var sand = chance.Near(Colours.Of(0xd8b988), 0.04f);
        var cliff = chance.Near(Colours.Of(0x6b5a4e), 0.04f);
        var fromLeft = chance.NextBool();
        var reach = chance.NextFloat(0.35f, 0.7f) * aspect;
        var beach = chance.NextFloat(0.78f, 0.86f);
        var sail = new Vector2(aspect * chance.NextFloat(0.25f, 0.75f), horizon + chance.NextFloat(0.03f, 0.07f));
        var sailSize = chance.NextFloat(0.08f, 0.12f);
        var seed = chance.NextSeed();

        float HeadlandTop(float x)
        {
            var along = (fromLeft ? x : aspect - x) / reach;
            var bluff = 0.3f * Noise.Step(1f, 0.15f, along + 0.18f * (Noise.Octaves(x * 5f, 2f, seed, 4) - 0.5f));
            return horizon + 0.012f - bluff * (0.75f + 0.5f * Noise.Octaves(x * 6f, 4f, seed + 9, 5));
        }

        Vector3 SeaAt(float x, float y)
        {
            var nearness = (y - horizon) / (1f - horizon);
            var scale = 1f / (0.03f + nearness);
            var wave = Noise.Octaves(x * 2.2f * scale, 7f * MathF.Log(0.02f + nearness) * 3f, seed + 3, 4);
            var water = Vector3.Lerp(deep, shallow, Noise.Step(0.25f, 0.95f, nearness)) * (0.62f + 0.8f * wave);
            var mirror = MathF.Pow(1f - nearness, 3f) * 0.55f;
            water = Vector3.Lerp(water, sky.Horizon, mirror);
            var glitter = MathF.Exp(-MathF.Abs(x - sky.Sun.X) * 5f) * Noise.Step(0.56f, 0.68f, wave);
            return water + sky.Light * (0.6f * glitter);
        }

        return (x, y) =>
        {
            var waterline = beach + 0.05f * MathF.Sin(x * 2.6f + (seed & 7)) + 0.02f * Noise.Octaves(x * 6f, 1f, seed + 4, 3);
            var onSail = SailAt((x - sail.X) / sailSize, (sail.Y - y) / sailSize);
            if (onSail > 0f)
            {
                return onSail > 0.5f ? new Vector3(0.97f, 0.95f, 0.9f) * onSail : Colours.Of(0x5b2a1f);
            }

            if (y > waterline)
            {
                var wet = Noise.Step(0.06f, 0f, y - waterline);
                var ripples = Noise.Octaves(x * 14f, y * 60f, seed + 6, 3);
                return sand * (1.02f - 0.42f * wet + 0.28f * (ripples - 0.5f));
            }

            var top = HeadlandTop(x);
            if (y > top && y < horizon + 0.012f)
            {
                var strata = Noise.Octaves(x * 5f + 3f * y, (y - top) * 34f, seed + 8, 4);
                var grass = Noise.Step(0.03f, 0.012f, y - top);
                var rock = cliff * (0.45f + 1.1f * strata);
                return Vector3.Lerp(rock, Colours.Of(0x5d7a3f) * (0.7f + 0.6f * strata), grass);
            }

            if (y < horizon)
            {
                return sky.ColourAt(x, y);
            }

            var surf = waterline - y;
            var foam = MathF.Max(
                Noise.Step(0.018f, 0.004f, surf),
                Noise.Step(0.016f, 0.002f, MathF.Abs(surf - 0.075f - 0.02f * Noise.At(x * 3f, 9f, seed + 2))));
            var broken = Noise.Step(0.35f, 0.6f, Noise.Octaves(x * 22f, y * 60f, seed + 12, 3));
            return Vector3.Lerp(SeaAt(x, y), new Vector3(0.95f, 0.98f, 1f), foam * (0.35f + 0.65f * broken));
        };
    }

    /// <summary>Above one half for the sails (as lightness), below it for the hull, 0 outside.</summary>
    private static float SailAt(float x, float up)
    {
        if (up is > -0.14f and < 0f && MathF.Abs(x) < 0.55f + up)
        {
            return 0.3f;
        }

        var inMain = up is > 0.05f and < 1.1f && x > 0.02f && x < 0.5f * (1.1f - up);
        var inJib = up is > 0.05f and < 0.9f && x < -0.03f && x > -0.36f * (0.9f - up);
        return inMain ? 1f : inJib ? 0.86f : 0f;
    }
}
