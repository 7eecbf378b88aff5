using System.Globalization;

namespace Palisade.Audit.Tree;

/// <summary>
/// Where a tile lies below the log's folder or address, as C2SP tlog-tiles writes it: <c>tile/0/x001/x234/067.p/12</c>.
/// </summary>
/// <param name="Level">Level of the hashes; null for a bundle of entries.</param>
/// <param name="Width">1 to 256 hashes or entries.</param>
public readonly record struct TilePath(int? Level, long Index, int Width)
{
    /// <summary>Hashes in a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>A tile is a subtree of this many levels.</summary>
    public const int Height = 8;

    public bool IsFull => Width == FullWidth;

    public override string ToString()
    {
        var level = Level?.ToString(CultureInfo.InvariantCulture) ?? "entries";
        var path = $"{Index % 1000:000}";
        for (var rest = Index / 1000; rest > 0; rest /= 1000)
        {
            path = $"x{rest % 1000:000}/{path}";
        }

        return IsFull
            ? string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{path}")
            : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{path}.p/{Width}");
    }

    /// <summary>Reads a path in its one written form.</summary>
    public static bool TryParse(string text, out TilePath path)
    {
        path = default;
        var parts = text.Split('/');
        if (parts.Length < 3 || parts[0] != "tile")
        {
            return false;
        }

        int? level = null;
        if (parts[1] != "entries")
        {
            if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 63)
            {
                return false;
            }

            level = number;
        }

        var width = FullWidth;
        var last = parts.Length - 1;
        if (last > 2 && parts[last - 1].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(parts[last], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= FullWidth)
            {
                return false;
            }

            last--;
            parts[last] = parts[last][..^2];
        }

        var index = 0L;
        for (var i = 2; i <= last; i++)
        {
            var digits = i < last ? parts[i].TrimStart('x') : parts[i];
            if (digits.Length != 3 || index > long.MaxValue / 1_000_000 ||
                !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var part))
            {
                return false;
            }

            index = (index * 1000) + part;
        }

        path = new TilePath(level, index, width);
        return path.ToString() == text;
    }
}
