using System.Numerics;
using Palisade.Signals.Digests;

namespace Palisade.Signals.Search;

/// <summary>The places of distinct digests, in contiguous buckets by some of their bits; one to two in each.</summary>
internal sealed class DigestBuckets : ILayerSearch<Digest, DigestBuckets>
{
    private readonly Digest[] _digests;
    private readonly int[] _starts;
    private readonly int _shift;

    private DigestBuckets(Digest[] digests, int[] starts, int shift)
    {
        (_digests, _starts, _shift) = (digests, starts, shift);
    }

    public static ulong SortKey(in Digest key) => key.Leading;

    public static int Compare(Digest left, Digest right) => left.CompareTo(right);

    public static DigestBuckets Build(Digest[] distinctKeys)
    {
        // Digests are sorted by their leading bits already, so buckets by those bits are contiguous as they lie.
        var bits = BitOperations.Log2((uint)Math.Max(1, distinctKeys.Length));
        var shift = 64 - bits;
        var starts = new int[(1 << bits) + 1];
        foreach (var digest in distinctKeys)
        {
            starts[BucketOf(digest, shift) + 1]++;
        }

        for (var bucket = 1; bucket < starts.Length; bucket++)
        {
            starts[bucket] += starts[bucket - 1];
        }

        return new(distinctKeys, starts, shift);
    }

    /// <summary>The place of a digest, or -1.</summary>
    /// <remarks>A list made to crowd one bucket costs a binary search in it, not a walk through it.</remarks>
    public int Find(in Digest digest)
    {
        var bucket = BucketOf(digest, _shift);
        var (low, high) = (_starts[bucket], _starts[bucket + 1] - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _digests[middle].CompareTo(digest);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    // A shift by 64 leaves the number as it is, where one bucket is meant.
    private static int BucketOf(in Digest digest, int shift) => shift == 64 ? 0 : (int)(digest.Leading >> shift);
}
