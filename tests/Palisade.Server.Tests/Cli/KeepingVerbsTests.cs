using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

/// <summary><c>verify</c>, <c>backup</c> and <c>restore</c> as an operator runs them.</summary>
public sealed class KeepingVerbsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    private string Backups => Path.Combine(_folder.Path, "backups");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_data_folder_is_verified_backed_up_rehearsed_and_restored()
    {
        Assert.Equal(0, (await RunAsync("bank", "create", "ours", "--owner", "tests", "--purpose", "practice", "--data", Data)).ExitCode);

        var verified = await RunAsync("verify", "--data", Data);
        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
        Assert.Contains("Everything is as it was written.", verified.Out, StringComparison.Ordinal);

        var backedUp = await RunAsync("backup", "--to", Backups, "--data", Data);
        Assert.True(backedUp.ExitCode == 0, backedUp.Out + backedUp.Error);

        var rehearsed = await RunAsync("restore", "--rehearse", "--from", Backups, "--data", Data);
        Assert.True(rehearsed.ExitCode == 0, rehearsed.Out + rehearsed.Error);
        Assert.Equal(["backups", "data"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Order());

        var restored = Path.Combine(_folder.Path, "restored");
        var restore = await RunAsync("restore", "--from", Backups, "--data", restored, "--bank-key", Path.Combine(Data, "bank.key"));
        Assert.True(restore.ExitCode == 0, restore.Out + restore.Error);
        Assert.Contains("ours", (await RunAsync("bank", "list", "--data", restored)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_folder_ends_verify_with_1_and_names_what_it_is_on_a_line_for_programs()
    {
        await RunAsync("bank", "create", "ours", "--owner", "tests", "--purpose", "practice", "--data", Data);
        var evidence = Directory.CreateDirectory(Path.Combine(Data, "evidence"));
        await File.WriteAllTextAsync(Path.Combine(evidence.FullName, "holiday.jpg"), "stray", TestContext.Current.CancellationToken);

        var verified = await RunAsync("verify", "--json", "--data", Data);

        Assert.Equal(1, verified.ExitCode);
        using var finding = JsonDocument.Parse(verified.Lines[0]);
        Assert.Equal("extra", finding.RootElement.GetProperty("kind").GetString());
        Assert.Equal("file evidence/holiday.jpg", finding.RootElement.GetProperty("item").GetString());
        using var report = JsonDocument.Parse(verified.Lines[^1]);
        Assert.False(report.RootElement.GetProperty("isWhole").GetBoolean());
    }

    [Theory]
    [InlineData("verify", "--data", "nowhere")]
    [InlineData("backup", "--to", "backups", "--data", "nowhere")]
    [InlineData("restore", "--from", "nowhere", "--data", "new")]
    [InlineData("verify", "--packet", "nowhere.zip")]
    [InlineData("case", "export", "1", "--to", "x.zip", "--reason", "why", "--data", "data")]
    public async Task What_cannot_be_done_is_said_in_one_line_and_makes_nothing(params string[] arguments)
    {
        var before = Directory.GetFileSystemEntries(_folder.Path).Length;

        var ended = await RunAsync([.. arguments.Select(word => word is "nowhere" or "nowhere.zip" or "new" or "data" or "backups" && word != arguments[0] ? Path.Combine(_folder.Path, word) : word)]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    private static Task<PalisadeProgram.Ended> RunAsync(params string[] arguments) => PalisadeProgram.RunAsync(arguments);
}
