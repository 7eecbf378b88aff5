using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Polished marble: noise that bends noise, with veins of two widths.</summary>
internal static class Marble
{
    private static readonly (Vector3 Stone, Vector3 Shade, Vector3 Vein)[] Stones =
    [
        (Colours.Of(0xf2efe9), Colours.Of(0xa9aab2), Colours.Of(0x4c4a52)),
        (Colours.Of(0x1f4a3d), Colours.Of(0x0c211c), Colours.Of(0xdfe9dc)),
        (Colours.Of(0x1c1b1e), Colours.Of(0x3d3a3c), Colours.Of(0xe0c48a)),
        (Colours.Of(0xe6c3b0), Colours.Of(0xb06f5c), Colours.Of(0x5a2d28)),
        (Colours.Of(0xcdd9e4), Colours.Of(0x5f7f9e), Colours.Of(0xf7f3e2)),
    ];

    public static Scene Compose(Chance chance)
    {
        var (stone, shade, vein) = chance.Pick<(Vector3, Vector3, Vector3)>(Stones);
        var angle = chance.NextFloat(0f, MathF.PI);
        var (sine, cosine) = MathF.SinCos(angle);
        var scale = chance.NextFloat(1.8f, 2.8f);
        var seed = chance.NextSeed();

        return (x, y) =>
        {
            var (along, across) = ((x * cosine + y * sine) * scale, (y * cosine - x * sine) * scale);
            var bendX = Noise.Octaves(along, across, seed, 4) - 0.5f;
            var bendY = Noise.Octaves(along + 5.2f, across + 1.3f, seed + 20, 4) - 0.5f;
            var body = Noise.Octaves(along + 2.4f * bendX, across * 1.6f + 2.4f * bendY, seed + 40, 5);
            var colour = Vector3.Lerp(shade, stone, Noise.Step(0.3f, 0.66f, body));

            var wide = MathF.Abs(MathF.Sin(2.6f * across + 7f * bendX + 4f * bendY));
            var fine = MathF.Abs(MathF.Sin(5.5f * along + 3f * across - 9f * bendY));
            var veining = Noise.Step(0.16f, 0f, wide) * Noise.Step(0.36f, 0.56f, body + bendY * 0.5f) +
                          0.7f * Noise.Step(0.07f, 0f, fine) * Noise.Step(0.5f, 0.62f, body);
            return Vector3.Lerp(colour, vein, Math.Min(0.9f, veining));
        };
    }
}
