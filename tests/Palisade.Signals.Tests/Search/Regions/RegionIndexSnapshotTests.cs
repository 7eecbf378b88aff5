using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;
using Palisade.Signals.Tests.Regions;

namespace Palisade.Signals.Tests.Search.Regions;

public sealed class RegionIndexSnapshotTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(at => (byte)at)];

    [Fact]
    public void What_was_saved_is_found_again()
    {
        var extractor = new RegionExtractor();
        var index = Index(5).With([], [2]);
        var stream = new MemoryStream();
        RegionIndexSnapshot.Save(index, stream, Key);
        stream.Position = 0;

        var loaded = RegionIndexSnapshot.Load(stream, Key, "regions.index");

        Assert.Equal(index.Count, loaded.Count);
        for (var row = 0; row < 5; row++)
        {
            var query = DrawnPictures.Draw(row).Query(extractor);
            Assert.Equal(Search(index, query), Search(loaded, query));
        }
    }

    [Fact]
    public void A_snapshot_of_many_chunks_is_read_back()
    {
        var codes = DrawnCodes();
        var index = Index(1).With([.. Enumerable.Range(10, 1000).Select(row => KeyValuePair.Create(row, codes))], []);
        var stream = new MemoryStream();
        RegionIndexSnapshot.Save(index, stream, Key);
        stream.Position = 0;

        Assert.True(stream.Length > 2 << 20);
        Assert.Equal(1001, RegionIndexSnapshot.Load(stream, Key, "regions.index").Count);
    }

    [Fact]
    public void A_changed_byte_is_noticed_wherever_it_is()
    {
        var bytes = Saved(1);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 1;
            AssertRefused(bytes, Key);
            bytes[at] ^= 1;
        }
    }

    [Fact]
    public void A_shortened_or_lengthened_snapshot_is_refused()
    {
        var bytes = Saved(1);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            AssertRefused(bytes[..length], Key);
        }

        AssertRefused([.. bytes, 0], Key);
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        AssertRefused(Saved(1), new byte[32]);
    }

    [Fact]
    public void No_code_is_to_be_seen_in_a_snapshot()
    {
        var codes = DrawnCodes();
        var bytes = Saved(1);

        Assert.Equal(-1, bytes.AsSpan().IndexOf(codes.Bytes.Span[..8]));
        Assert.NotEqual(bytes, Saved(1));
    }

    [Fact]
    public void A_key_of_another_length_is_a_mistake_of_the_caller()
    {
        Assert.Throws<ArgumentException>(() => RegionIndexSnapshot.Save(RegionIndex.Empty, new MemoryStream(), new byte[16]));
    }

    private static RegionCodes DrawnCodes() => DrawnPictures.Draw(0).Enrol(new RegionExtractor());

    private static RegionIndex Index(int pictures)
    {
        var extractor = new RegionExtractor();
        return RegionIndex.Empty.With(
            [.. Enumerable.Range(0, pictures).Select(row => KeyValuePair.Create(row, DrawnPictures.Draw(row).Enrol(extractor)))], []);
    }

    private static byte[] Saved(int pictures)
    {
        var stream = new MemoryStream();
        RegionIndexSnapshot.Save(Index(pictures), stream, Key);
        return stream.ToArray();
    }

    private static void AssertRefused(byte[] bytes, byte[] key)
    {
        var refusal = Assert.Throws<InvalidDataException>(
            () => RegionIndexSnapshot.Load(new MemoryStream(bytes), key, "regions.index"));
        Assert.StartsWith("regions.index is not a whole snapshot", refusal.Message, StringComparison.Ordinal);
    }

    private static List<RegionMatch> Search(RegionIndex index, RegionQuery query)
    {
        var found = new List<RegionMatch>();
        new RegionSearcher().Search(index, query, found);
        return found;
    }
}
