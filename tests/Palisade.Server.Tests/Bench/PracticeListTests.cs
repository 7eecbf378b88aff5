using Palisade.Server.Bench;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Tests.Bench;

public sealed class PracticeListTests
{
    [Fact]
    public async Task Its_hashes_are_shaped_like_real_ones_and_all_different()
    {
        var path = Path.GetTempFileName();
        await PracticeList.WriteAsync(path, 2_000, seed: 7, TestContext.Current.CancellationToken);

        var hashes = (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Select(line => PdqHash.Parse(line)).ToList();

        File.Delete(path);
        Assert.All(hashes, hash => Assert.Equal(128, hash.PopCount));
        Assert.Equal(2_000, hashes.Distinct().Count());
    }
}
