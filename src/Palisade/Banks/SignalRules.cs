using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>Which values are no use as signals, whoever brings them.</summary>
internal static class SignalRules
{
    /// <summary>
    /// A PDQ hash has about 128 of 256 bits set by construction; outside of these it shows a featureless picture.
    /// </summary>
    private const int FewestBits = 64;
    private const int MostBits = 192;

    private static readonly FileDigests EmptyFile = DigestCalculator.Compute([]);

    public static BankRefused? Refuse(Bank bank, in SignalValue value, int? quality)
    {
        if (value.Type != SignalType.Pdq)
        {
            return value.Digest == EmptyFile.Md5 || value.Digest == EmptyFile.Sha1 || value.Digest == EmptyFile.Sha256
                ? new BankRefused.EmptyFile()
                : null;
        }

        return IsDegenerate(value.Pdq) ? new BankRefused.Degenerate()
            : quality < bank.MinQuality ? new BankRefused.LowQuality(quality.Value, bank.MinQuality)
            : null;
    }

    public static bool IsDegenerate(in PdqHash hash) => hash.PopCount is < FewestBits or > MostBits;
}
