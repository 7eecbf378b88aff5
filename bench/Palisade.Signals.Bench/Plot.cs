using System.Globalization;
using System.Text;

namespace Palisade.Signals.Bench;

/// <summary>Cost of a needle against list size, both axes logarithmic, as an SVG without any script.</summary>
internal static class Plot
{
    private const int Width = 640;
    private const int Height = 400;
    private const int Margin = 60;

    public static string Draw(IReadOnlyList<Dictionary<string, object>> rows)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (var power = 4; power <= 8; power++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(Math.Pow(10, power)):F0}\" y=\"{Height - 35}\" text-anchor=\"middle\">10^{power}</text>\n");
        }

        for (var power = 0; power <= 6; power++)
        {
            var y = Y(Math.Pow(10, power));
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin - 8}\" y=\"{y + 4:F0}\" text-anchor=\"end\">10^{power}</text>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Margin}\" x2=\"{Width - 20}\" y1=\"{y:F0}\" y2=\"{y:F0}\" stroke=\"#ddd\"/>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">signals in the list</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"22\">microseconds of processor time for one needle, radius 31</text>\n");
        AddLine(svg, rows, "microseconds", "#0b6", "Palisade index");
        AddLine(svg, rows, "scan64Microseconds", "#07c", "Palisade scan, 64 needles");
        AddLine(svg, rows, "peerMicroseconds", "#c40", "reference flat index");
        return svg.Append("</svg>\n").ToString();
    }

    private static void AddLine(
        StringBuilder svg, IReadOnlyList<Dictionary<string, object>> rows, string field, string colour, string name)
    {
        var points = rows.Where(row => row.ContainsKey(field))
            .Select(row => (X: X((int)row["count"]), Y: Y((double)row[field]))).ToArray();
        if (points.Length == 0)
        {
            return;
        }

        var path = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F1},{point.Y:F1}")));
        svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{points[^1].X + 6:F0}\" y=\"{points[^1].Y - 6:F0}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>\n");
    }

    private static double X(double count) => Margin + ((Math.Log10(count) - 4) / 4 * (Width - Margin - 40));

    private static double Y(double microseconds) =>
        Height - Margin - (Math.Clamp(Math.Log10(microseconds), 0, 6) / 6 * (Height - Margin - 50));
}
