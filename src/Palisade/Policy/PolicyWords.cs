using Palisade.Banks;
using Palisade.Signals.Pdq;

namespace Palisade.Policy;

/// <summary>The words of the policy file and of the API, and what they stand for.</summary>
public static class PolicyWords
{
    public static IReadOnlyDictionary<string, VerdictAction> Actions { get; } = WordsOf<VerdictAction>();

    public static IReadOnlyDictionary<string, BankPurpose> Purposes { get; } = WordsOf<BankPurpose>();

    public static IReadOnlyDictionary<string, PdqProfile> Profiles { get; } = WordsOf<PdqProfile>();

    /// <summary>True means that an upload is looked for in all eight orientations.</summary>
    public static IReadOnlyDictionary<string, bool> Orientations { get; } =
        new Dictionary<string, bool>(StringComparer.Ordinal) { ["stored"] = false, ["all"] = true };

    /// <summary>The kebab-case word of an enum value, such as <c>known-material</c> or <c>rotate90</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Words<T>.Names[value];

    private static Dictionary<string, T> WordsOf<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(Of, StringComparer.Ordinal);

    private static class Words<T>
        where T : struct, Enum
    {
        internal static readonly Dictionary<T, string> Names = Enum.GetValues<T>().ToDictionary(
            value => value,
            // Digits stay with the letters before them, as in "nn512" and "flip-plus1".
            value => string.Concat(value.ToString().Select((letter, place) =>
                char.IsUpper(letter) && place > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}")));
    }
}
