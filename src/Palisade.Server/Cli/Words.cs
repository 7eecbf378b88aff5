using System.CommandLine;
using System.Text.Json;

namespace Palisade.Server.Cli;

/// <summary>Options whose value is one of a few words: the kebab-case names of an enum.</summary>
internal static class Words
{
    /// <summary>The word for a value in JSON, on the command line and in answers.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static Option<T?> Option<T>(string name, string description)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().ToDictionary(Of, value => value, StringComparer.Ordinal);
        return new Option<T?>(name)
        {
            Description = $"{description}: {string.Join(", ", words.Keys)}",
            HelpName = "WORD",
            CustomParser = result =>
            {
                if (words.TryGetValue(result.Tokens[0].Value, out var value))
                {
                    return value;
                }

                result.AddError($"{name} is one of {string.Join(", ", words.Keys)}, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
    }
}
