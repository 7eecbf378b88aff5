using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

public sealed class ScanVerbTests(DrawnFiles drawn) : IClassFixture<DrawnFiles>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder["data"];

    public async ValueTask InitializeAsync()
    {
        var created = await PalisadeProgram.RunAsync(
            "bank", "create", "practice", "--purpose", "practice", "--allowed-action", "block", "--data", Data);
        Assert.Equal((0, ""), (created.ExitCode, created.Error));
        var keyed = await PalisadeProgram.RunAsync("key", "init", "--unseal-with", "echo of-a-test-never-of-use", "--data", Data);
        Assert.Equal(0, keyed.ExitCode);
        var added = await PalisadeProgram.RunAsync("bank", "add", "practice", drawn.Lake, "--data", Data);
        Assert.Contains("2 signals added", added.Out, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_very_same_file_is_blocked_and_an_altered_one_held()
    {
        var ended = await PalisadeProgram.RunAsync("scan", "--json", "--data", Data, drawn.Lake, drawn.AlteredLake, drawn.Cobbles);

        var lines = ended.Lines.Select(text => JsonDocument.Parse(text).RootElement).ToList();
        Assert.All(lines, line => Assert.Equal(
            ["file", "verdict", "reasons", "matches"], line.EnumerateObject().Select(property => property.Name)));
        Assert.Equal(["block", "hold", "allow"], lines.Select(line => line.GetProperty("verdict").GetString()));
        var match = Assert.Single(lines[1].GetProperty("matches").EnumerateArray());
        Assert.Equal(
            ["bank", "signal", "distance", "orientation"], match.EnumerateObject().Select(property => property.Name));
        Assert.Equal("practice", match.GetProperty("bank").GetString());
        Assert.Equal(10, ended.ExitCode);
    }

    [Fact]
    public async Task A_clean_scan_ends_with_0_and_is_summed_up()
    {
        var ended = await PalisadeProgram.RunAsync("scan", "--data", Data, drawn.Cobbles);

        Assert.Contains("clean", ended.Out, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
    }

    [Fact]
    public async Task A_file_that_could_not_be_looked_at_is_an_error_and_never_clean()
    {
        var ended = await PalisadeProgram.RunAsync("scan", "--json", "--data", Data, drawn.Lake, _folder["nowhere.jpg"]);

        var line = JsonDocument.Parse(ended.Lines[1]).RootElement;
        Assert.Equal(JsonValueKind.Null, line.GetProperty("verdict").ValueKind);
        Assert.Equal("missing", Assert.Single(line.GetProperty("reasons").EnumerateArray()).GetString());
        Assert.Equal(2, ended.ExitCode);
    }

    [Fact]
    public async Task A_file_above_the_limit_is_held_and_its_digests_still_match()
    {
        await File.WriteAllTextAsync(
            Path.Combine(Data, "palisade.json"),
            """{"decoder":{"maxFileBytes":2048},"limits":{"maxUploadBytes":2048}}""",
            TestContext.Current.CancellationToken);

        var ended = await PalisadeProgram.RunAsync("scan", "--json", "--data", Data, drawn.Lake, drawn.Cobbles);

        var lines = ended.Lines.Select(text => JsonDocument.Parse(text).RootElement).ToList();
        Assert.Equal(["block", "hold"], lines.Select(line => line.GetProperty("verdict").GetString()));
        Assert.All(lines, line => Assert.Contains("too-large", line.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString())));
        Assert.Equal(10, ended.ExitCode);
    }

    [Fact]
    public async Task Fetching_by_address_is_off_until_a_host_is_named_and_then_for_that_host_alone()
    {
        var off = await PalisadeProgram.RunAsync("bank", "add", "practice", "--url", "https://files.example.org/a.jpg", "--data", Data);
        await File.WriteAllTextAsync(
            Path.Combine(Data, "palisade.json"),
            """{"fetch":{"allowedHosts":["files.example.org"]}}""",
            TestContext.Current.CancellationToken);
        var elsewhere = await PalisadeProgram.RunAsync("bank", "add", "practice", "--url", "https://evil.example.net/a.jpg", "--data", Data);
        var inside = await PalisadeProgram.RunAsync("bank", "add", "practice", "--url", "http://127.0.0.1/a.jpg", "--data", Data);

        Assert.Contains("Fetching by address is off", off.Error, StringComparison.Ordinal);
        Assert.Contains("fetch.allowedHosts", off.Error, StringComparison.Ordinal);
        Assert.Contains("not on the list of allowed hosts", elsewhere.Error, StringComparison.Ordinal);
        Assert.Contains("https://", inside.Error, StringComparison.Ordinal);
        Assert.All([off, elsewhere, inside], ended => Assert.Equal(2, ended.ExitCode));
    }

    [Fact]
    public async Task Without_a_data_folder_nothing_is_called_clean()
    {
        var ended = await PalisadeProgram.RunAsync("scan", "--data", _folder["nowhere"], drawn.Cobbles);

        Assert.Contains("nothing to compare with", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
        Assert.Equal(2, ended.ExitCode);
        Assert.False(Directory.Exists(_folder["nowhere"]));
    }

    [Fact]
    public async Task Trying_the_policy_says_why_and_stores_nothing()
    {
        var before = await ChangedFilesAsync();

        var ended = await PalisadeProgram.RunAsync("policy", "test", "--service", "chat-images", "--data", Data, drawn.MirroredLake);

        Assert.Contains("in chat-images: hold", ended.Out, StringComparison.Ordinal);
        Assert.Contains("turned flip-y", ended.Out, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(before, await ChangedFilesAsync());
    }

    [Fact]
    public async Task A_bank_leaves_as_a_list_and_comes_back_from_it()
    {
        var export = await PalisadeProgram.RunAsync("bank", "export", "practice", "--plain", "pdq", "--data", Data);
        await File.WriteAllTextAsync(
            _folder["list.txt"], export.Out + "0123\n", TestContext.Current.CancellationToken);
        await PalisadeProgram.RunAsync("bank", "create", "copy", "--purpose", "practice", "--data", Data);

        var preview = await PalisadeProgram.RunAsync(
            "bank", "import", "copy", _folder["list.txt"], "--type", "pdq", "--preview", "--data", Data);
        var import = await PalisadeProgram.RunAsync("bank", "import", "copy", _folder["list.txt"], "--type", "pdq", "--data", Data);

        Assert.Single(export.Lines);
        Assert.Contains("Nothing of it is live yet", preview.Out, StringComparison.Ordinal);
        Assert.Contains("line 2: malformed", import.Out, StringComparison.Ordinal);
        Assert.Contains("It is live", import.Out, StringComparison.Ordinal);
        var listed = await PalisadeProgram.RunAsync("bank", "show", "copy", "--json", "--data", Data);
        Assert.Equal(1, JsonDocument.Parse(listed.Out).RootElement.GetProperty("signals").GetProperty("live").GetInt32());
    }

    private async Task<string> ChangedFilesAsync()
    {
        var changes = await PalisadeProgram.RunAsync("bank", "changes", "--json", "--data", Data);
        return changes.Out;
    }
}
