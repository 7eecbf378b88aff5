using Palisade.Banks;

namespace Palisade.Policy;

/// <summary>Which banks apply to a service: all, by purpose, by name, or a mixture.</summary>
public sealed record BankSelection
{
    /// <summary>The word for every bank there is or will be.</summary>
    public const string EveryBank = "*";

    /// <summary>What stands before a purpose, so that it cannot be taken for a bank's name.</summary>
    public const string PurposePrefix = "purpose:";

    public bool IsEveryBank { get; init; }

    public IReadOnlySet<BankPurpose> Purposes { get; init; } = new HashSet<BankPurpose>();

    public IReadOnlySet<string> Names { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    public bool Includes(Bank bank) => IsEveryBank || Purposes.Contains(bank.Purpose) || Names.Contains(bank.Name);
}
