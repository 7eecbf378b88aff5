using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

public sealed class CompareVerbTests(DrawnFiles drawn) : IClassFixture<DrawnFiles>
{
    [Fact]
    public async Task A_mirrored_picture_is_near_in_that_orientation_only()
    {
        var ended = await PalisadeProgram.RunAsync("compare", "--json", drawn.Lake, drawn.MirroredLake);

        var full = JsonDocument.Parse(ended.Out).RootElement.GetProperty("full");
        Assert.InRange(full.GetProperty("orientations").GetProperty("flip-y").GetInt32(), 0, 31);
        Assert.True(full.GetProperty("distance").GetInt32() > 31);
        Assert.Equal(8, full.GetProperty("orientations").EnumerateObject().Count());
        Assert.Equal(full.GetProperty("distance").GetInt32(), full.GetProperty("differingBits").GetArrayLength());
        Assert.Equal(0, ended.ExitCode);
    }

    [Fact]
    public async Task Two_hashes_are_compared_without_any_picture()
    {
        var zero = new string('0', 64);

        var ended = await PalisadeProgram.RunAsync("compare", zero, "f" + zero[1..]);

        Assert.Contains("4 of 256 bits differ", ended.Out, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
    }

    [Theory]
    [InlineData("nowhere.jpg", "no such file")]
    [InlineData("/", "not a file")]
    [InlineData("/dev/zero", "not a file")]
    public async Task What_is_no_picture_gets_a_clear_error(string other, string message)
    {
        var ended = await PalisadeProgram.RunAsync("compare", drawn.Lake, other);

        Assert.Contains(message, ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
        Assert.Equal(2, ended.ExitCode);
    }
}
