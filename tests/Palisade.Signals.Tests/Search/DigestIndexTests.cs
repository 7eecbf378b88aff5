using CsCheck;
using Palisade.Signals.Digests;
using Palisade.Signals.Search;

namespace Palisade.Signals.Tests.Search;

public sealed class DigestIndexTests
{
    // Few leading bytes, so that digests repeat, crowd a bucket and agree in their first bits.
    private static readonly Gen<Digest> Digests =
        from type in Gen.Enum<DigestType>()
        from first in Gen.OneOf((byte)0, (byte)1, (byte)0xFF)
        from last in Gen.Byte[0, 40]
        select Make(type, first, last);

    private sealed record Change(KeyValuePair<int, Digest>[] Added, int[] Removed);

    private static readonly Gen<Change> Changes =
        from rows in Gen.Int[0, 300].HashSet[0, 40]
        from digests in Digests.Array[rows.Count]
        from removed in Gen.Int[0, 300].Array[0, 40]
        select new Change(rows.Zip(digests, KeyValuePair.Create).ToArray(), removed);

    [Fact]
    public void After_any_changes_every_digest_finds_exactly_its_rows()
    {
        Gen.Select(Changes, Changes.Array[0, 6]).Sample((first, changes) =>
        {
            var expected = first.Added.ToDictionary();
            var index = DigestIndex.Build(
                first.Added.Select(row => row.Value).ToArray(), first.Added.Select(row => row.Key).ToArray());
            AssertFinds(expected, index);

            foreach (var change in changes)
            {
                expected = Apply(expected, change);
                index = index.With(change.Added, change.Removed);
                AssertFinds(expected, index);
            }
        });
    }

    [Fact]
    public void A_large_index_finds_each_digest_and_no_other()
    {
        var digests = Enumerable.Range(0, 50_000)
            .Select(row => DigestCalculator.Compute(BitConverter.GetBytes(row / 2)).Sha1).ToArray();
        var index = DigestIndex.Build(digests, Enumerable.Range(0, digests.Length).ToArray());
        var found = new List<int>();

        for (var row = 0; row < digests.Length; row += 2)
        {
            index.Find(digests[row], found);
        }

        index.Find(DigestCalculator.Compute("unlisted"u8).Sha1, found);

        Assert.Equal(Enumerable.Range(0, digests.Length), found.Order());
    }

    [Fact]
    public void The_empty_index_finds_nothing()
    {
        var found = new List<int>();

        DigestIndex.Empty.Find(default, found);

        Assert.Empty(found);
        Assert.Equal(0, DigestIndex.Empty.Count);
    }

    [Fact]
    public void A_search_allocates_nothing()
    {
        var digests = Enumerable.Range(0, 5_000)
            .Select(row => DigestCalculator.Compute(BitConverter.GetBytes(row)).Md5).ToArray();
        var index = DigestIndex.Build(digests, Enumerable.Range(0, digests.Length).ToArray());
        var found = new List<int>(digests.Length);

        var allocated = Allocations.Of(FindAll);

        Assert.Equal(0, allocated);

        void FindAll()
        {
            found.Clear();
            foreach (ref readonly var digest in digests.AsSpan())
            {
                index.Find(digest, found);
            }
        }
    }

    private static Digest Make(DigestType type, byte first, byte last)
    {
        var bytes = new byte[Digest.SizeOf(type)];
        (bytes[0], bytes[^1]) = (first, last);
        return new Digest(type, bytes);
    }

    private static Dictionary<int, Digest> Apply(Dictionary<int, Digest> rows, Change change)
    {
        var next = rows.Where(row => !change.Removed.Contains(row.Key)).ToDictionary();
        foreach (var (row, digest) in change.Added)
        {
            next[row] = digest;
        }

        return next;
    }

    private static void AssertFinds(Dictionary<int, Digest> expected, DigestIndex index)
    {
        Assert.Equal(expected.Count, index.Count);
        foreach (var digest in expected.Values.Append(Make(DigestType.Sha256, 7, 7)).Distinct())
        {
            var found = new List<int>();
            index.Find(digest, found);
            Assert.Equal(expected.Where(row => row.Value == digest).Select(row => row.Key).Order(), found.Order());
        }
    }
}
