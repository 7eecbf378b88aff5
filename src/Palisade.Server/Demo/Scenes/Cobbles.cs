using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Rounded paving stones of several colours, lit from one side, with moss in the joints.</summary>
internal static class Cobbles
{
    public static Scene Compose(Chance chance)
    {
        var scale = chance.NextFloat(5f, 8f);
        Vector3[] stones = chance.Pick<Vector3[]>(
        [
            [Colours.Of(0x7d8087), Colours.Of(0xa6a49c), Colours.Of(0x565a62), Colours.Of(0xc0b7a6)],
            [Colours.Of(0xa6785a), Colours.Of(0x7a4d3c), Colours.Of(0xc9a27e), Colours.Of(0x5d4a44)],
            [Colours.Of(0x5c6f7c), Colours.Of(0x8ba3ad), Colours.Of(0x3f4d59), Colours.Of(0xc8cfc9)],
        ]);
        var joint = chance.Pick([Colours.Of(0x2a2d22), Colours.Of(0x3b4a26), Colours.Of(0x2e2823)]);
        var angle = chance.NextFloat(0f, 2f * MathF.PI);
        var light = Vector3.Normalize(new Vector3(MathF.Cos(angle), MathF.Sin(angle), 0.9f));
        var seed = chance.NextSeed();

        return (x, y) =>
        {
            var bend = 0.14f * (Noise.Octaves(x * 9f, y * 9f, seed, 3) - 0.5f);
            var point = new Vector2(x * scale + bend, y * scale - bend);
            var (cell, toCentre, toJoint) = NearestStone(point, seed);
            var ofStone = Noise.Hash(cell.X, cell.Y, seed + 9);
            var grain = Noise.Octaves(x * 42f, y * 42f, seed + 3, 4) - 0.5f;

            var rise = Noise.Step(0.02f, 0.22f, toJoint);
            var normal = Vector3.Normalize(new Vector3(toCentre * (1.9f * (1f - 0.6f * rise)), 1f));
            var shine = Math.Max(0f, Vector3.Dot(normal, light));
            var wear = Noise.Octaves(x * 1.7f, y * 1.7f, seed + 5, 3);
            var tone = 0.4f + 0.75f * ((ofStone >> 8 & 255) / 255f) * wear * 1.6f;
            var stone = stones[ofStone % (uint)stones.Length] * (tone * (0.35f + 0.95f * shine + 0.35f * grain));
            var moss = joint * (0.7f + 1.2f * Noise.Octaves(x * 60f, y * 60f, seed + 4, 2));
            return Vector3.Lerp(moss, stone, Noise.Step(0.03f, 0.09f, toJoint));
        };
    }

    /// <summary>The stone whose centre is nearest, the way from it, and how far the joint to the next one is.</summary>
    private static ((int X, int Y) Cell, Vector2 ToCentre, float ToJoint) NearestStone(Vector2 point, int seed)
    {
        var home = (X: (int)MathF.Floor(point.X), Y: (int)MathF.Floor(point.Y));
        var (nearest, second) = (float.MaxValue, float.MaxValue);
        var cell = home;
        var toCentre = Vector2.Zero;
        for (var row = home.Y - 1; row <= home.Y + 1; row++)
        {
            for (var column = home.X - 1; column <= home.X + 1; column++)
            {
                var centre = new Vector2(
                    column + 0.15f + 0.7f * Noise.OfCell(column, row, seed + 1),
                    row + 0.15f + 0.7f * Noise.OfCell(column, row, seed + 2));
                var distance = Vector2.Distance(point, centre);
                if (distance < nearest)
                {
                    (second, nearest) = (nearest, distance);
                    (cell, toCentre) = ((column, row), point - centre);
                }
                else if (distance < second)
                {
                    second = distance;
                }
            }
        }

        return (cell, toCentre, second - nearest);
    }
}
