using Palisade.Signals.Regions;

namespace Palisade.Signals.Tests.Regions;

public sealed class RegionBandsTests
{
    [Theory]
    [InlineData(5, 1_000, RegionBand.None)]
    [InlineData(6, 1_000, RegionBand.Possible)]
    [InlineData(9, 1_000, RegionBand.Possible)]
    [InlineData(10, 1_000, RegionBand.Derived)]
    [InlineData(10, 1_000_000, RegionBand.Derived)]
    [InlineData(10, 1_000_001, RegionBand.Possible)]
    [InlineData(11, 10_000_000, RegionBand.Possible)]
    [InlineData(12, 10_000_000, RegionBand.Derived)]
    public void A_larger_bank_asks_for_more_points(int score, long enrolled, RegionBand band)
    {
        Assert.Equal(band, new RegionBands().Of(score, enrolled));
    }
}
