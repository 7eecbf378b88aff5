using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Palisade.Evidence.Holds.Retention;

/// <summary>A time as the law words it, <c>1 year</c> or <c>21 days</c>, and what it comes to in days.</summary>
/// <remarks>A year of a shortest duty has 366 days and a year of a longest one 365, so that a leap day never breaks either.</remarks>
public sealed record RetentionTerm
{
    private const int MostDays = 36_600;

    private RetentionTerm(string text, int shortestDays, int longestDays)
    {
        Text = text;
        AsShortest = TimeSpan.FromDays(shortestDays);
        AsLongest = TimeSpan.FromDays(longestDays);
    }

    public string Text { get; }

    /// <summary>To keep it at least so long.</summary>
    public TimeSpan AsShortest { get; }

    /// <summary>To keep it at most so long.</summary>
    public TimeSpan AsLongest { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out RetentionTerm? term)
    {
        term = null;
        if (text?.Split(' ') is not [var digits, var unit] ||
            !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MostDays)
        {
            return false;
        }

        term = unit switch
        {
            "day" or "days" => new RetentionTerm(text, count, count),

            // Any n years in a row hold at most this many leap days.
            "year" or "years" when count <= MostDays / 366 => new RetentionTerm(text, (count * 365) + ((count + 3) / 4), count * 365),
            _ => null,
        };
        return term is not null;
    }

    public override string ToString() => Text;
}
