using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>A woven cloth in broad coloured stripes both ways, thread over thread, with soft folds.</summary>
internal static class Weave
{
    private static readonly Vector3[][] Cloths =
    [
        [Colours.Of(0x8c1d2f), Colours.Of(0x1f2a4d), Colours.Of(0xe7dcc3), Colours.Of(0x2f5d46)],
        [Colours.Of(0x1d4e6b), Colours.Of(0xf0e6d2), Colours.Of(0xd98b2b), Colours.Of(0x0f2a3a)],
        [Colours.Of(0x3d5a2a), Colours.Of(0xd9c88f), Colours.Of(0x6b2e2a), Colours.Of(0x1d2a1c)],
        [Colours.Of(0x5a3d7a), Colours.Of(0xe8e2ef), Colours.Of(0x2a2140), Colours.Of(0xc98fb0)],
    ];

    public static Scene Compose(Chance chance)
    {
        var cloth = chance.Pick<Vector3[]>(Cloths);
        var threads = chance.NextFloat(70f, 100f);
        var (warpSeed, weftSeed, seed) = (chance.NextSeed(), chance.NextSeed(), chance.NextSeed());
        var turn = chance.NextFloat(-0.5f, 0.5f);
        var (sine, cosine) = MathF.SinCos(turn);

        return (x, y) =>
        {
            // Folds shift the cloth sideways and shade it.
            var fold = Noise.Octaves(x * 1.1f + 3f, y * 0.8f, seed, 3);
            var foldBeside = Noise.Octaves((x + 0.02f) * 1.1f + 3f, (y + 0.01f) * 0.8f, seed, 3);
            var (along, across) = (x * cosine + y * sine + 0.35f * fold, y * cosine - x * sine + 0.3f * fold);
            var warp = along * threads;
            var weft = across * threads;
            var (warpThread, weftThread) = ((int)MathF.Floor(warp), (int)MathF.Floor(weft));

            // Twill: two over, two under, moved by one each row.
            var isWarpAbove = (warpThread + weftThread & 3) < 2;
            var acrossThread = isWarpAbove ? warp - warpThread : weft - weftThread;
            var round = 0.6f + 0.55f * MathF.Sin(MathF.PI * acrossThread);
            var colour = isWarpAbove ? Stripe(warpThread, warpSeed) : Stripe(weftThread, weftSeed);
            var shade = Math.Clamp(0.95f + 14f * (fold - foldBeside), 0.35f, 1.35f);
            return colour * (round * shade) + new Vector3(0.03f * (Noise.At(x * 200f, y * 200f, seed + 2) - 0.5f));
        };

        Vector3 Stripe(int thread, int stripes)
        {
            var band = (int)MathF.Floor(thread / 7f);
            var which = Noise.Hash(band / (1 + (band & 1)), 3, stripes);
            return cloth[which % (uint)cloth.Length];
        }
    }
}
