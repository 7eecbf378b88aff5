using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

/// <summary>A moderator's way on the command line, from a held upload to a closed case; and what nobody does alone.</summary>
public sealed class CaseVerbTests(DrawnFiles drawn) : IClassFixture<DrawnFiles>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder["data"];

    public async ValueTask InitializeAsync()
    {
        Assert.Equal(0, (await RunAsync("key", "init", "--unseal-with", "echo of-a-test-never-of-use")).ExitCode);
        Assert.Equal(0, (await RunAsync("bank", "create", "practice", "--purpose", "practice", "--allowed-action", "block")).ExitCode);
        Assert.Equal(0, (await RunAsync("bank", "add", "practice", drawn.Lake)).ExitCode);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_held_upload_becomes_a_case_that_is_listed_shown_noted_taken_and_closed()
    {
        var empty = await RunAsync("case", "list");
        await RunAsync("scan", drawn.AlteredLake, drawn.Lake, drawn.Cobbles);

        var listed = Assert.Single((await RunAsync("case", "list", "--json")).Lines.Select(line => JsonDocument.Parse(line).RootElement));
        var table = await RunAsync("case", "list");
        var noted = await RunAsync("case", "note", "1", "a lake in the mountains");
        var taken = await RunAsync("case", "assign", "1");
        var shown = await RunAsync("case", "show", "1");
        var hasty = await RunAsync("case", "close", "1", "--action", "release", "--reason", "benign", "--uploads", "1");
        var closed = await RunAsync("case", "close", "1", "--action", "release", "--reason", "benign", "--uploads", "2");
        var again = await RunAsync("case", "close", "1", "--action", "remove", "--reason", "benign");
        var after = await RunAsync("case", "list");
        var reopened = await RunAsync("case", "reopen", listed.GetProperty("id").GetString()!, "--reason", "an appeal");

        Assert.Contains("No case waits for a decision.", empty.Out, StringComparison.Ordinal);
        Assert.Equal(("open", 2, 1), (listed.GetProperty("state").GetString(), listed.GetProperty("uploads").GetInt32(), listed.GetProperty("number").GetInt32()));
        Assert.Contains("in 23 h", table.Out, StringComparison.Ordinal);
        Assert.Contains("1 case waits, 0 past their time. The oldest held upload has waited under 1 min.", table.Out, StringComparison.Ordinal);
        Assert.Equal((0, 0), (noted.ExitCode, taken.ExitCode));
        Assert.Contains("a lake in the mountains", shown.Out, StringComparison.Ordinal);
        Assert.Contains("evd_", shown.Out, StringComparison.Ordinal);
        Assert.Contains("decided not yet", shown.Out, StringComparison.Ordinal);
        Assert.Contains("in-review, with cli:", shown.Out, StringComparison.Ordinal);
        Assert.Equal(2, hasty.ExitCode);
        Assert.Contains("Closed case 1. The platform is told for each of its 2 uploads: release.", closed.Out, StringComparison.Ordinal);
        Assert.Contains("cannot become closed", again.Error, StringComparison.Ordinal);
        Assert.Contains("No case waits for a decision.", after.Out, StringComparison.Ordinal);
        Assert.Contains("Case 1 is open again.", reopened.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_case_is_opened_by_hand_for_a_file_a_text_or_a_reference()
    {
        var file = await RunAsync("case", "open", drawn.Cobbles, "--text", "a user complained", "--content-id", "4711");
        var joined = await RunAsync("case", "open", "--text", "another user complained", "--content-id", "4711");
        var nothing = await RunAsync("case", "open");

        Assert.Contains("Opened case 1.", file.Out, StringComparison.Ordinal);
        Assert.Contains("Joined case 1, which has 2 uploads and flags now.", joined.Out, StringComparison.Ordinal);
        Assert.Equal(2, nothing.ExitCode);
    }

    [Fact]
    public async Task A_never_match_entry_and_the_removal_of_a_bank_wait_for_a_second_person()
    {
        await RunAsync("bank", "create", "false-alarms", "--purpose", "never-match");

        var alone = await RunAsync("bank", "add", "false-alarms", drawn.Cobbles);
        var asked = await RunAsync("bank", "add", "false-alarms", drawn.Cobbles, "--ask", "a street that is often uploaded");
        var listed = await RunAsync("approval", "list");
        var self = await RunAsync("approval", "approve", "1");
        var early = await RunAsync("bank", "add", "false-alarms", drawn.Cobbles, "--approval", "1");
        var denied = await RunAsync("approval", "deny", "1");
        var removed = await RunAsync("bank", "remove", "false-alarms");

        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("--ask \"WHY\"", alone.Error, StringComparison.Ordinal);
        Assert.Equal(3, asked.ExitCode);
        Assert.Contains("palisade approval approve 1", asked.Out, StringComparison.Ordinal);
        Assert.Contains("a street that is often uploaded", listed.Out, StringComparison.Ordinal);
        Assert.Contains("Another person must approve it.", self.Error, StringComparison.Ordinal);
        Assert.Contains("Nobody has approved request 1 yet.", early.Error, StringComparison.Ordinal);
        Assert.Equal(0, denied.ExitCode);
        Assert.Contains("second person", removed.Error, StringComparison.Ordinal);
    }

    private Task<PalisadeProgram.Ended> RunAsync(params string[] arguments) => PalisadeProgram.RunAsync([.. arguments, "--data", Data]);
}
