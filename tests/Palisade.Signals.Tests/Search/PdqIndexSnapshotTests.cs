using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Signals.Tests.Search;

public sealed class PdqIndexSnapshotTests
{
    private static readonly byte[] Key = Enumerable.Range(0, 32).Select(at => (byte)at).ToArray();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(40_000)]
    public void A_loaded_index_has_the_rows_of_the_saved_one(int count)
    {
        var hashes = Lists.Mixed(count, seed: 3);
        var index = PdqIndex.Build(hashes, Lists.Rows(count)).With([KeyValuePair.Create(-1, default(PdqHash))], []);

        var loaded = PdqIndexSnapshot.Load(Save(index), Key, "a file");

        Assert.Equal(Rows(index), Rows(loaded));
        Assert.Equal(hashes.Zip(Lists.Rows(count), (hash, row) => KeyValuePair.Create(row, hash))
            .Append(KeyValuePair.Create(-1, default(PdqHash))).OrderBy(pair => pair.Key), Rows(loaded));
    }

    [Fact]
    public void The_same_index_is_never_saved_twice_alike_and_no_hash_shows()
    {
        var hashes = Lists.Random(100, seed: 3);
        var index = PdqIndex.Build(hashes, Lists.Rows(100));
        var (first, second) = (Save(index).ToArray(), Save(index).ToArray());

        Assert.NotEqual(first, second);
        Assert.All(hashes, hash => Assert.Equal(-1, first.AsSpan().IndexOf(hash.ToBytes().AsSpan(0, 8))));
    }

    [Fact]
    public void A_changed_byte_anywhere_is_refused_by_the_files_name()
    {
        var bytes = Save(PdqIndex.Build(Lists.Random(20_000, 1), Lists.Rows(20_000))).ToArray();

        for (var at = 0; at < bytes.Length; at += at < 64 ? 1 : 9_973)
        {
            bytes[at] ^= 4;
            AssertRefused(bytes);
            bytes[at] ^= 4;
        }
    }

    [Fact]
    public void A_file_that_is_cut_short_or_goes_on_is_refused()
    {
        var bytes = Save(PdqIndex.Build(Lists.Random(40_000, 1), Lists.Rows(40_000))).ToArray();
        const int Chunk = (16_384 * 36) + 16;

        foreach (var length in new[] { 0, 7, 47, 48, 48 + Chunk, 48 + (2 * Chunk), bytes.Length - 1 })
        {
            AssertRefused(bytes[..length]);
        }

        AssertRefused([.. bytes, 0]);
    }

    [Fact]
    public void Chunks_cannot_change_places_nor_come_from_another_file()
    {
        var index = PdqIndex.Build(Lists.Random(40_000, 1), Lists.Rows(40_000));
        var (bytes, other) = (Save(index).ToArray(), Save(index).ToArray());
        const int Chunk = (16_384 * 36) + 16;

        AssertRefused([.. bytes[..48], .. bytes[(48 + Chunk)..(48 + (2 * Chunk))], .. bytes[48..(48 + Chunk)],
            .. bytes[(48 + (2 * Chunk))..]]);
        AssertRefused([.. bytes[..48], .. other[48..(48 + Chunk)], .. bytes[(48 + Chunk)..]]);
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        var bytes = Save(PdqIndex.Empty).ToArray();

        Assert.Throws<InvalidDataException>(() => PdqIndexSnapshot.Load(new MemoryStream(bytes), new byte[32], "x"));
        Assert.Throws<ArgumentException>(() => PdqIndexSnapshot.Load(new MemoryStream(bytes), new byte[16], "x"));
    }

    private static MemoryStream Save(PdqIndex index)
    {
        var stream = new MemoryStream();
        PdqIndexSnapshot.Save(index, stream, Key);
        stream.Position = 0;
        return stream;
    }

    private static void AssertRefused(byte[] bytes)
    {
        var refused = Assert.Throws<InvalidDataException>(
            () => PdqIndexSnapshot.Load(new MemoryStream(bytes), Key, "palisade.index"));
        Assert.Contains("palisade.index", refused.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<KeyValuePair<int, PdqHash>> Rows(PdqIndex index)
    {
        var rows = new List<KeyValuePair<int, PdqHash>>();
        index.CopyTo(rows);
        return rows.OrderBy(pair => pair.Key);
    }
}
