using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Palisade.CyberTipline;

/// <summary>
/// Normalisation form C (Unicode Standard Annex 15). The framework's own does nothing in a process that runs without
/// libicu, as a small service does, and says nothing about it.
/// </summary>
internal static class Composition
{
    // Hangul syllables follow from arithmetic (The Unicode Standard, section 3.12).
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly Lazy<Tables> Data = new(Read);

    public static string Compose(string text)
    {
        // Nothing below U+0300 is changed by itself or combines with its neighbour.
        if (!text.Any(unit => unit >= '\u0300'))
        {
            return text;
        }

        var points = Decompose(text);
        Reorder(points);
        var composed = new StringBuilder(text.Length);
        foreach (var point in Pair(points))
        {
            composed.Append(new Rune(point));
        }

        return composed.ToString();
    }

    private static List<int> Decompose(string text)
    {
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var point = rune.Value;
            var syllable = point - SyllableBase;
            if (syllable is >= 0 and < Leads * Vowels * Tails)
            {
                points.Add(LeadBase + (syllable / (Vowels * Tails)));
                points.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
                if (syllable % Tails > 0)
                {
                    points.Add(TailBase + (syllable % Tails));
                }
            }
            else if (Data.Value.Decompositions.TryGetValue(point, out var parts))
            {
                points.AddRange(parts);
            }
            else
            {
                points.Add(point);
            }
        }

        return points;
    }

    /// <summary>Marks on one letter stand in the order of their classes; those of one class keep theirs.</summary>
    private static void Reorder(List<int> points)
    {
        for (var start = 0; start < points.Count; start++)
        {
            var end = start;
            while (end < points.Count && ClassOf(points[end]) > 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                var ordered = points.GetRange(start, end - start).OrderBy(ClassOf).ToList();
                points.RemoveRange(start, end - start);
                points.InsertRange(start, ordered);
            }

            start = end;
        }
    }

    private static List<int> Pair(List<int> points)
    {
        var composed = new List<int>(points.Count);
        var starter = -1;
        var lastClass = 0;
        foreach (var point in points)
        {
            var kind = ClassOf(point);
            var isBlocked = starter < composed.Count - 1 && (lastClass == 0 || lastClass >= kind);
            if (starter >= 0 && !isBlocked && Join(composed[starter], point) is { } joined)
            {
                composed[starter] = joined;
                continue;
            }

            if (kind == 0)
            {
                starter = composed.Count;
            }

            lastClass = kind;
            composed.Add(point);
        }

        return composed;
    }

    private static int? Join(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
        {
            return SyllableBase + ((((first - LeadBase) * Vowels) + (second - VowelBase)) * Tails);
        }

        var syllable = first - SyllableBase;
        if (syllable is >= 0 and < Leads * Vowels * Tails && syllable % Tails == 0 && second is > TailBase and < TailBase + Tails)
        {
            return first + (second - TailBase);
        }

        return Data.Value.Pairs.TryGetValue((first, second), out var joined) ? joined : null;
    }

    private static int ClassOf(int point) => Data.Value.Classes.GetValueOrDefault(point);

    private static Tables Read()
    {
        var decompositions = new Dictionary<int, int[]>();
        var pairs = new Dictionary<(int, int), int>();
        var classes = new Dictionary<int, int>();
        using var reader = new StreamReader(typeof(Composition).Assembly.GetManifestResourceStream("composition.txt")!, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var numbers = line[2..].Split(' ').Select(text => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
            switch (line[0])
            {
                case 'd':
                    decompositions[numbers[0]] = numbers[1..];
                    break;
                case 'c':
                    pairs[(numbers[0], numbers[1])] = numbers[2];
                    break;
                default:
                    for (var point = numbers[0]; point <= numbers[1]; point++)
                    {
                        classes[point] = numbers[2];
                    }

                    break;
            }
        }

        return new Tables(decompositions.ToFrozenDictionary(), pairs.ToFrozenDictionary(), classes.ToFrozenDictionary());
    }

    private sealed record Tables(FrozenDictionary<int, int[]> Decompositions, FrozenDictionary<(int First, int Second), int> Pairs, FrozenDictionary<int, int> Classes);
}
