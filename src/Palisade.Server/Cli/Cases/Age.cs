using System.Globalization;

namespace Palisade.Server.Cli.Cases;

/// <summary>A length of time as a tired person reads it: its two largest parts at most.</summary>
internal static class Age
{
    public static string Of(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => "under 1 min",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h"),
    };
}
