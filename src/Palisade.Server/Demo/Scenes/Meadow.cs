using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Rolling fields in patches, hedges and round trees, flowers in front.</summary>
internal static class Meadow
{
    private const int Hills = 4;

    public static Scene Compose(Chance chance, float aspect)
    {
        var horizon = chance.NextFloat(0.42f, 0.54f);
        var sky = Sky.Compose(chance, aspect, horizon) with { Cloudiness = chance.NextFloat(0.5f, 0.65f) };
        var seed = chance.NextSeed();
        Vector3[] crops =
        [
            Colours.Of(0x6f9a3c), Colours.Of(0x3f6f35), Colours.Of(0xc9b04f), Colours.Of(0x8fae4a), Colours.Of(0x9a7b4a),
            Colours.Of(0x55853a), Colours.Of(0xd9c66a),
        ];
        var bloom = chance.Pick([Colours.Of(0xd9394a), Colours.Of(0xf3e14b), Colours.Of(0xb48be0), Colours.Of(0xf7f3ee)]);

        float CrestAt(int hill, float x)
        {
            var nearness = hill / (Hills - 1f);
            return horizon + 0.4f * nearness - Noise.Mix(0.16f, 0.13f, nearness) *
                Noise.Octaves(x * Noise.Mix(2f, 1.1f, nearness) + 4f * hill, hill * 3f, seed + hill, 3) + 0.03f;
        }

        Vector3 FieldAt(int hill, float x, float y, float crest)
        {
            var nearness = hill / (Hills - 1f);
            var down = (y - crest) * Noise.Mix(26f, 9f, nearness);
            var skewed = x * Noise.Mix(6f, 2.6f, nearness) + down * (0.4f - 0.25f * hill);
            var plot = (X: (int)MathF.Floor(skewed), Y: (int)MathF.Floor(MathF.Sqrt(MathF.Max(down, 0f)) * 1.5f));
            var which = Noise.Hash(plot.X, plot.Y, seed + 11 * hill);
            var crop = crops[which % (uint)crops.Length];
            var furrow = MathF.Sin((skewed * ((which & 8) == 0 ? 1f : 0.35f) + down * 0.8f) * 34f);
            var patches = Noise.Octaves(x * 7f, y * 16f, seed + 21, 3);
            var colour = crop * (0.8f + 0.09f * furrow + 0.5f * (patches - 0.5f));
            var edge = MathF.Min(skewed - plot.X, 1f - skewed + plot.X);
            colour = Vector3.Lerp(colour, Colours.Of(0x24421f), Noise.Step(0.09f, 0.05f, edge) * 0.85f);
            var cloudShadow = Noise.Step(0.45f, 0.62f, Noise.Octaves(x * 1.8f, y * 5f, seed + 71, 2));
            return Vector3.Lerp(colour * (1.06f - 0.4f * cloudShadow), sky.Horizon, 0.42f * (1f - nearness));
        }

        return (x, y) =>
        {
            for (var hill = Hills - 1; hill >= 0; hill--)
            {
                var crest = CrestAt(hill, x);
                var tree = hill == 0 ? 0f : TreeAt(hill, x, y);
                if (tree > 0f)
                {
                    return Vector3.Lerp(Colours.Of(0x17301a), Colours.Of(0x6f9444), tree) * Vector3.Lerp(Vector3.One, sky.Light, 0.4f);
                }

                if (y < crest)
                {
                    continue;
                }

                return hill == Hills - 1 ? FlowersAt(x, y, crest) : FieldAt(hill, x, y, crest);
            }

            return sky.ColourAt(x, y);
        };

        float TreeAt(int hill, float x, float y)
        {
            var size = 0.022f + 0.022f * hill;
            var spacing = size * 1.5f;
            var cell = (int)MathF.Floor(x / spacing);
            for (var tree = cell - 1; tree <= cell + 1; tree++)
            {
                if (Noise.OfCell(tree, hill, seed + 5) < 0.62f)
                {
                    continue;
                }

                var middle = (tree + 0.5f + 0.4f * (Noise.OfCell(tree, hill, seed + 6) - 0.5f)) * spacing;
                var foot = CrestAt(hill, middle) + size * Noise.OfCell(tree, hill, seed + 7);
                var across = (x - middle) / size;
                var up = (foot + size * 0.1f - y) / size;
                var leaves = 0.3f * (Noise.Octaves(x * 4f / size * 0.4f, y * 4f / size * 0.4f, seed + 8, 3) - 0.5f);
                var fromCrown = MathF.Sqrt(across * across + (up - 0.75f) * (up - 0.75f)) + leaves;
                if (fromCrown < 0.58f)
                {
                    return Math.Clamp(0.35f + 0.5f * (up - 0.75f) + 1.4f * leaves + 0.15f, 0.02f, 1f);
                }

                if (MathF.Abs(across) < 0.06f && up is > -0.1f and < 0.5f)
                {
                    return 0.02f;
                }
            }

            return 0f;
        }

        Vector3 FlowersAt(float x, float y, float crest)
        {
            var nearness = Math.Clamp((y - crest) / (1f - crest), 0f, 1f);
            var scale = Noise.Mix(46f, 15f, MathF.Sqrt(nearness));
            var blades = Noise.Octaves(x * 60f, y * 14f, seed + 30, 3);
            var grass = Vector3.Lerp(Colours.Of(0x3d6a2b), Colours.Of(0x8db14f), blades) * (1.02f - 0.35f * nearness);
            var cell = (X: (int)MathF.Floor(x * scale), Y: (int)MathF.Floor(y * scale * 1.7f));
            var chanceOfCell = Noise.OfCell(cell.X, cell.Y, seed + 31);
            var drift = Noise.Octaves(x * 2.4f, y * 5f, seed + 33, 2);
            if (chanceOfCell < Noise.Step(0.36f, 0.7f, drift))
            {
                var across = x * scale - cell.X - 0.3f - 0.4f * Noise.OfCell(cell.X, cell.Y, seed + 34);
                var down = y * scale * 1.7f - cell.Y - 0.5f;
                var petal = Noise.Step(0.36f, 0.24f, MathF.Sqrt(across * across + down * down));
                return Vector3.Lerp(grass, bloom * (0.75f + 0.35f * chanceOfCell - 0.3f * down), petal);
            }

            return grass;
        }
    }
}
