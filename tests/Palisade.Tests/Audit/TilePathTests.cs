using Palisade.Audit.Tree;

namespace Palisade.Tests.Audit;

public sealed class TilePathTests
{
    /// <summary>The example of C2SP tlog-tiles: index 1234067.</summary>
    [Theory]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(2, 999, 7, "tile/2/999.p/7")]
    [InlineData(null, 1000, 1, "tile/entries/x001/000.p/1")]
    [InlineData(63, 5, 255, "tile/63/005.p/255")]
    public void A_tile_has_one_path(int? level, long index, int width, string path)
    {
        Assert.Equal(path, new TilePath(level, index, width).ToString());
        Assert.True(TilePath.TryParse(path, out var parsed));
        Assert.Equal(new TilePath(level, index, width), parsed);
    }

    [Theory]
    [InlineData("tile/0/../../bank.key")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/1")]
    [InlineData("tile/00/001")]
    [InlineData("tile/64/001")]
    [InlineData("tile/0/001.p/256")]
    [InlineData("tile/0/001.p/0")]
    [InlineData("tile/0/001.p/01")]
    [InlineData("tile/0/001.p")]
    [InlineData("tile/0/001/001")]
    [InlineData("tile/-1/001")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("checkpoint")]
    [InlineData("")]
    public void No_other_path_is_a_tile(string path) => Assert.False(TilePath.TryParse(path, out _));
}
