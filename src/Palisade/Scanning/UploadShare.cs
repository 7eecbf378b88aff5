using System.Buffers.Binary;
using System.Security.Cryptography;
using Palisade.Banks;

namespace Palisade.Scanning;

/// <summary>
/// Where one upload stands between 0 and 1 for each bank, by which a bank's enabled ratio takes it in or leaves it out.
/// The same upload always stands in the same place, and without the key nobody can work out where.
/// </summary>
public readonly record struct UploadShare(ulong Place)
{
    /// <param name="identity">What makes the upload this upload: its SHA-256, or the hash it was looked up by.</param>
    public static UploadShare Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> identity)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, identity, digest);
        return new UploadShare(BinaryPrimitives.ReadUInt64BigEndian(digest));
    }

    public bool FallsWithin(Bank bank)
    {
        if (bank.EnabledRatio >= 1)
        {
            return true;
        }

        // The finaliser of SplitMix64 (Steele, Lea, Flood 2014), so that the banks' shares are independent.
        var mixed = Place + (0x9E3779B97F4A7C15UL * (ulong)bank.Id.Number);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        mixed ^= mixed >> 31;

        // 53 bits, as many as a double holds exactly.
        return (mixed >> 11) * (1.0 / (1UL << 53)) < bank.EnabledRatio;
    }
}
