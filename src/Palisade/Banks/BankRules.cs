using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>What a bank's settings may be.</summary>
internal static class BankRules
{
    private const int LongestName = 64;
    private const int LongestOwner = 200;
    private const int LongestText = 4000;

    public static BankRefused? Refuse(Bank bank)
    {
        if (bank.Name.Length is 0 or > LongestName || bank.Name.Any(c => c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')))
        {
            return new BankRefused.BadSetting("name", "1 to 64 of a-z, 0-9 and '-'.");
        }

        if (string.IsNullOrWhiteSpace(bank.Owner) || bank.Owner.Length > LongestOwner)
        {
            return new BankRefused.BadSetting("owner", "say who answers for the bank, in 1 to 200 characters.");
        }

        if (bank.MaxDistanceBits is < 0 or >= PdqHash.BitCount)
        {
            return new BankRefused.BadSetting("maxDistanceBits", "0 to 255; the field uses 31.");
        }

        if (bank.MinQuality is < 0 or > 100)
        {
            return new BankRefused.BadSetting("minQuality", "0 to 100; the field uses 50.");
        }

        if (bank.EnabledRatio is not (>= 0 and <= 1))
        {
            return new BankRefused.BadSetting("enabledRatio", "0 to 1.");
        }

        return bank.Source.Length > LongestText || bank.Notes.Length > LongestText
            ? new BankRefused.BadSetting("source and notes", "at most 4,000 characters each.")
            : null;
    }
}
