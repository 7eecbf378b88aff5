using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>A floor of boards with grain, knots and the gaps between them.</summary>
internal static class Wood
{
    private static readonly (Vector3 Light, Vector3 Dark)[] Timbers =
    [
        (Colours.Of(0xd9a566), Colours.Of(0x7a4a22)),
        (Colours.Of(0xe8c894), Colours.Of(0xa77b45)),
        (Colours.Of(0x8a5a3c), Colours.Of(0x3a2018)),
        (Colours.Of(0xb9b2a6), Colours.Of(0x5f5a54)),
    ];

    public static Scene Compose(Chance chance)
    {
        var (light, dark) = chance.Pick<(Vector3, Vector3)>(Timbers);
        var boards = chance.NextFloat(4.5f, 6.5f);
        var length = chance.NextFloat(0.7f, 1.1f);
        var isUpright = chance.NextBool();
        var seed = chance.NextSeed();

        return (x, y) =>
        {
            var (along, across) = isUpright ? (y, x) : (x, y);
            var board = (int)MathF.Floor(across * boards);
            var shift = length * Noise.OfCell(board, 1, seed);
            var piece = (int)MathF.Floor((along + shift) / length);
            var ofPiece = Noise.Hash(board, piece, seed + 2);
            var tone = (ofPiece & 255) / 255f;

            // Each board is cut from another tree: a slice through rings round a far-off axis, drawn out lengthwise.
            var offset = (ofPiece >> 8 & 1023) * 0.37f;
            var wander = Noise.Octaves(along * 2.2f + offset, across * 5f, seed + 3, 3);
            var (knotX, knotY) = ((piece + 0.2f + 0.6f * tone) * length - shift, (board + 0.3f + 0.4f * tone) / boards);
            var fromKnot = new Vector2((along - knotX) * 1.1f, (across - knotY) * 3.2f).Length();
            var hasKnot = (ofPiece >> 20 & 3) != 0;
            var pull = hasKnot ? 0.16f * MathF.Exp(-fromKnot * 9f) : 0f;
            var rings = (across * boards * 0.32f + offset + 0.55f * wander + pull * 4f) * 7f;
            var phase = rings - MathF.Floor(rings);
            var grain = Noise.Step(0f, 0.72f, phase) * Noise.Step(1f, 0.86f, phase);
            var fibres = Noise.At(along * 9f, across * 190f, seed + 6) - 0.5f;

            var colour = Vector3.Lerp(light, dark, 0.12f + 0.62f * grain) * (0.62f + 0.6f * tone + 0.2f * fibres);
            if (hasKnot)
            {
                colour = Vector3.Lerp(colour, dark * 0.45f, Noise.Step(0.1f, 0.03f, fromKnot));
            }

            var gap = MathF.Min(
                Distance(across * boards) / boards,
                Distance((along + shift) / length) * length);
            return colour * (0.28f + 0.72f * Noise.Step(0.001f, 0.006f, gap));
        };
    }

    private static float Distance(float value) => MathF.Abs(value - MathF.Round(value));
}
