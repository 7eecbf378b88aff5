using Palisade.Banks;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Policy;

/// <summary>The words of the policy file, and what they stand for.</summary>
internal static class PolicyWords
{
    internal static IReadOnlyDictionary<string, VerdictAction> Actions { get; } = WordsOf<VerdictAction>();

    internal static IReadOnlyDictionary<string, BankPurpose> Purposes { get; } = WordsOf<BankPurpose>();

    internal static IReadOnlyDictionary<string, PdqProfile> Profiles { get; } = WordsOf<PdqProfile>();

    internal static IReadOnlyDictionary<string, RegionMode> Regions { get; } = WordsOf<RegionMode>();

    /// <summary>True means that an upload is looked for in all eight orientations.</summary>
    internal static IReadOnlyDictionary<string, bool> Orientations { get; } =
        new Dictionary<string, bool>(StringComparer.Ordinal) { ["stored"] = false, ["all"] = true };

    private static Dictionary<string, T> WordsOf<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(Words.Of, StringComparer.Ordinal);
}
