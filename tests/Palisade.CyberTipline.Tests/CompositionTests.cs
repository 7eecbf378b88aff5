using System.Globalization;

namespace Palisade.CyberTipline.Tests;

public sealed class CompositionTests
{
    [Fact]
    public void Text_is_composed_as_another_implementation_of_unicode_composes_it()
    {
        var lines = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "cybertipline", "composition.txt")).Where(line => !line.StartsWith('#')).ToList();

        Assert.True(lines.Count > 5000);
        foreach (var line in lines)
        {
            var sides = line.Split(';');
            Assert.Equal(Text(sides[1]), Composition.Compose(Text(sides[0])));
        }
    }

    private static string Text(string points) => string.Concat(points.Split(' ')
        .Select(point => char.ConvertFromUtf32(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
}
