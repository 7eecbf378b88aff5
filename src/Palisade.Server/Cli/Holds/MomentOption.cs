using System.CommandLine;
using System.Globalization;

namespace Palisade.Server.Cli.Holds;

/// <summary>An option that names a moment: a day (its first moment, UTC) or a time with its distance from UTC.</summary>
internal static class MomentOption
{
    private static readonly string[] Forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    public static Option<DateTimeOffset?> Create(string name, string description) => new(name)
    {
        Description = $"{description}: 2028-03-01, or 2028-03-01T12:00Z",
        HelpName = "DAY",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (DateTimeOffset.TryParseExact(
                text.EndsWith('Z') ? text[..^1] + "+00:00" : text, Forms, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
            {
                return moment;
            }

            result.AddError($"{name} is a day such as 2028-03-01 or a time such as 2028-03-01T12:00Z, not '{text}'.");
            return null;
        },
    };

    public static string Shown(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
