namespace Palisade.Server.Demo.Scenes;

/// <summary>Trees in outline, side by side.</summary>
internal static class Trees
{
    /// <summary>
    /// A row of pines that stand on <paramref name="ground"/>: 0 outside, else above 0 and lighter towards a tree's edge.
    /// </summary>
    /// <param name="tallest">Height of the tallest, as a share of the picture's height.</param>
    public static float Pines(float x, float y, float ground, int seed, float tallest)
    {
        var found = 0f;
        var spacing = tallest * 0.24f;
        var cell = (int)MathF.Floor(x / spacing);
        for (var tree = cell - 2; tree <= cell + 2; tree++)
        {
            var chance = Noise.OfCell(tree, 1, seed);
            var grove = Noise.At(tree * 0.09f, 3f, seed + 1);
            var height = tallest * (0.3f + 0.7f * chance) * Noise.Step(0.25f, 0.75f, grove);
            var foot = ground + 0.03f * (Noise.OfCell(tree, 2, seed) - 0.5f);
            var up = (foot - y) / Math.Max(height, 0.001f);
            if (up is < 0f or > 1f)
            {
                continue;
            }

            // Boughs: the outline widens downwards in teeth.
            var bough = up * 9f - MathF.Floor(up * 9f);
            var halfWidth = height * 0.2f * (1f - up) * (1.15f - 0.55f * bough) + 0.0012f;
            var aside = MathF.Abs(x - (tree + 0.5f + 0.5f * (chance - 0.5f)) * spacing);
            if (aside < halfWidth)
            {
                found = Math.Max(found, 0.08f + 0.6f * aside / halfWidth * (0.4f + 0.6f * up));
            }
        }

        return y > ground + 0.012f ? Math.Max(found, 0.05f) : found;
    }
}
