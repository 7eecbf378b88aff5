namespace Palisade.Server.Tests;

public sealed class HouseTests
{
    [Fact]
    public void The_house_stands() => Assert.True(File.Exists(typeof(HouseTests).Assembly.Location));
}
