using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

public sealed class DoctorVerbTests
{
    [Fact]
    public async Task Each_part_says_its_state_and_what_is_missing_says_its_cost_and_remedy()
    {
        using var folder = new TemporaryFolder();

        var ended = await PalisadeProgram.RunAsync("doctor", "--json", "--data", folder["data"]);

        var findings = ended.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var parts = findings.Select(finding => finding.GetProperty("part").GetString()).ToList();
        Assert.All(
            [
                ".NET", "decoder", "bubblewrap", "landlock", "seccomp", "rlimits", "HEIC", "libturbojpeg", "ffmpeg",
                "Chromium", "PostgreSQL", "data folder", "disk", "policy",
            ],
            part => Assert.Contains(part, parts));
        Assert.All(
            findings.Where(finding => finding.GetProperty("state").GetString() != "present"),
            finding =>
            {
                Assert.Equal(JsonValueKind.String, finding.GetProperty("cost").ValueKind);
                Assert.Equal(JsonValueKind.String, finding.GetProperty("remedy").ValueKind);
            });
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task A_policy_that_cannot_be_used_is_broken_and_says_where()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["policy.json"], "{ \"services\": 3 }", TestContext.Current.CancellationToken);

        var ended = await PalisadeProgram.RunAsync("doctor", "--data", folder.Path);

        Assert.Contains("broken", ended.Out, StringComparison.Ordinal);
        Assert.Contains("line 1", ended.Out, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
    }

    [Theory]
    [InlineData("""{"store":{"postgres":"Host=127.0.0.1;Port=1;Username=palisade;Password=hunter2;Timeout=2"}}""", "PostgreSQL", "does not answer")]
    [InlineData("""{"decoder":{"layers":"Rlimits"}}""", "decoder", "no sandbox layer is active")]
    public async Task What_keeps_the_service_from_starting_is_broken(string settings, string part, string detail)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["palisade.json"], settings, TestContext.Current.CancellationToken);

        var ended = await PalisadeProgram.RunAsync("doctor", "--json", "--data", folder.Path);

        var finding = ended.Lines.Select(line => JsonDocument.Parse(line).RootElement)
            .Single(line => line.GetProperty("part").GetString() == part);
        Assert.Equal("broken", finding.GetProperty("state").GetString());
        Assert.Contains(detail, finding.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", ended.Out + ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
    }

    [Fact]
    public async Task A_data_folder_that_others_may_enter_is_found()
    {
        using var folder = new TemporaryFolder();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        }

        var ended = await PalisadeProgram.RunAsync("doctor", "--data", folder.Path);

        Assert.Contains("can be entered by other users", ended.Out, StringComparison.Ordinal);
        Assert.Contains($"chmod 700 {folder.Path}", ended.Out, StringComparison.Ordinal);
    }
}
