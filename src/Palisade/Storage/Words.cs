using System.Collections.Frozen;
using System.Text.Json;

namespace Palisade.Storage;

/// <summary>The kebab-case words by which the members of an enumeration are stored and shown: <c>known-material</c>.</summary>
public static class Words
{
    public static string Of<T>(T member)
        where T : struct, Enum => Table<T>.WordOf[member];

    public static bool TryParse<T>(string? word, out T member)
        where T : struct, Enum
    {
        member = default;
        return word is not null && Table<T>.MemberOf.TryGetValue(word, out member);
    }

    /// <exception cref="FormatException">The word is none of the enumeration's; the text lists them.</exception>
    public static T Parse<T>(string word)
        where T : struct, Enum => TryParse<T>(word, out var member)
            ? member
            : throw new FormatException($"'{word}' is not one of {string.Join(", ", Table<T>.MemberOf.Keys)}.");

    private static class Table<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> WordOf =
            Enum.GetValues<T>().ToFrozenDictionary(m => m, m => JsonNamingPolicy.KebabCaseLower.ConvertName(m.ToString()));

        public static readonly FrozenDictionary<string, T> MemberOf =
            WordOf.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }
}
