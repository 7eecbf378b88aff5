using CsCheck;
using Palisade.Signals.Digests;
using Palisade.Signals.Search;

namespace Palisade.Signals.Tests.Search;

public sealed class DigestTableTests
{
    [Fact]
    public void Every_digest_is_found_with_all_its_rows_and_no_other()
    {
        var lists =
            from type in Gen.Enum<DigestType>()
            from count in Gen.OneOf(Gen.Int[0, 20], Gen.Int[20, 6_000])
            from distinct in Gen.Int[1, 6_000]
            from seed in Gen.Int
            select (type, count, distinct, seed);

        lists.Sample(
            list =>
            {
                var (digests, rows) = Draw(list.type, list.count, list.distinct, list.seed);
                var table = DigestTable.Build(list.type, Pack(digests), rows);

                Assert.Equal(list.count, table.Count);
                foreach (var (digest, expected) in digests.Zip(rows).GroupBy(pair => pair.First, pair => pair.Second)
                    .Select(group => (group.Key, group.Order())).Take(300))
                {
                    Assert.Equal(expected, Find(table, digest).Order());
                }

                Assert.Empty(Find(table, new Digest(list.type, new byte[Digest.SizeOf(list.type)])));
            },
            iter: 30);
    }

    [Theory]
    [InlineData(DigestType.Md5, 20)]
    [InlineData(DigestType.Sha1, 24)]
    [InlineData(DigestType.Sha256, 20)]
    public void A_million_entries_take_no_more_than_their_bytes(DigestType type, int most)
    {
        var bytes = new byte[1_000_000 * Digest.SizeOf(type)];
        new Random(1).NextBytes(bytes);

        var table = DigestTable.Build(type, bytes, new int[1_000_000]);

        Assert.InRange(table.SizeBytes / 1e6, 1, most);
    }

    [Fact]
    public void A_sha256_with_the_same_first_half_is_found_as_a_candidate()
    {
        var (listed, other) = (new byte[32], new byte[32]);
        other[31] = 1;

        var table = DigestTable.Build(DigestType.Sha256, listed, [7]);

        Assert.True(table.FindsCandidates);
        Assert.Equal([7], Find(table, new Digest(DigestType.Sha256, other)));
        Assert.Equal([7], Find(DigestTable.Build(DigestType.Sha256, listed.AsSpan(0, 16), [7]),
            new Digest(DigestType.Sha256, listed)));
    }

    [Fact]
    public void A_list_that_crowds_one_bucket_is_built_and_searched()
    {
        var digests = Enumerable.Range(0, 50_000).Select(at => At(at)).ToArray();

        var table = DigestTable.Build(DigestType.Md5, Pack(digests), Enumerable.Range(0, digests.Length).ToArray());

        Assert.Equal([31_415], Find(table, At(31_415)));

        static Digest At(int at)
        {
            var bytes = new byte[16];
            BitConverter.TryWriteBytes(bytes.AsSpan(12), at);
            return new Digest(DigestType.Md5, bytes);
        }
    }

    [Fact]
    public void Bytes_that_are_not_whole_digests_and_another_type_are_refused()
    {
        Assert.Throws<ArgumentException>(() => DigestTable.Build(DigestType.Md5, new byte[17], [1]));
        var table = DigestTable.Build(DigestType.Md5, new byte[16], [1]);
        Assert.Throws<ArgumentException>(() => Find(table, new Digest(DigestType.Sha1, new byte[20])));
    }

    private static (Digest[] Digests, int[] Rows) Draw(DigestType type, int count, int distinct, int seed)
    {
        var random = new Random(seed);
        var values = Enumerable.Range(0, distinct).Select(_ =>
        {
            var bytes = new byte[Digest.SizeOf(type)];
            random.NextBytes(bytes);
            return new Digest(type, bytes);
        }).ToArray();
        return (
            Enumerable.Range(0, count).Select(_ => values[random.Next(distinct)]).ToArray(),
            Enumerable.Range(0, count).Select(Lists.RowOf).ToArray());
    }

    private static byte[] Pack(Digest[] digests) => digests.SelectMany(digest => digest.ToBytes()).ToArray();

    private static List<int> Find(DigestTable table, Digest digest)
    {
        var found = new List<int>();
        table.Find(digest, found);
        return found;
    }
}
