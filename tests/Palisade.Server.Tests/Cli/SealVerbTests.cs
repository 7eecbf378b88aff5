using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

/// <summary>Keys, sealing and unsealing as an operator does them, against the built program.</summary>
public sealed class SealVerbTests
{
    private const string Passphrase = "canary six words of this test 4711";

    [Fact]
    public async Task A_service_starts_sealed_and_only_the_right_passphrase_unseals_it()
    {
        using var folder = new TemporaryFolder();
        var made = await WithInputAsync(Passphrase, "key", "init", "--data", folder["data"]);
        using var service = await ServeAsync(folder["data"]);

        var wrong = await WithInputAsync(Passphrase + "!", "unseal", "--data", folder["data"]);
        var sealedState = await PalisadeProgram.RunAsync("key", "show", "--data", folder["data"]);
        var right = await WithInputAsync(Passphrase, "unseal", "--reason", "morning shift", "--data", folder["data"]);
        var unsealedState = await PalisadeProgram.RunAsync("key", "show", "--data", folder["data"]);
        var again = await PalisadeProgram.RunAsync("seal", "--data", folder["data"]);
        await PalisadeProgram.InterruptAsync(service);
        var said = await service.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) +
                   await service.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, 2, 0, 0), (made.ExitCode, wrong.ExitCode, right.ExitCode, again.ExitCode));
        Assert.Contains("The passphrase is wrong.", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("The running service is sealed", sealedState.Out, StringComparison.Ordinal);
        Assert.Contains("The running service is unsealed", unsealedState.Out, StringComparison.Ordinal);
        foreach (var text in new[] { said, made.Out, made.Error, wrong.Error, right.Out, right.Error })
        {
            Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_the_account_of_the_service_may_reach_its_socket()
    {
        using var folder = new TemporaryFolder();
        using var service = await ServeAsync(folder["data"]);

        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Path.Combine(folder["data"], "control.sock"));
        await PalisadeProgram.InterruptAsync(service);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
        Assert.False(File.Exists(Path.Combine(folder["data"], "control.sock")));
    }

    [Fact]
    public async Task Shares_are_printed_once_and_three_of_them_unseal()
    {
        using var folder = new TemporaryFolder();
        var made = await PalisadeProgram.RunAsync("key", "init", "--shares", "3/5", "--data", folder["data"]);
        using var service = await ServeAsync(folder["data"]);

        var two = await WithInputAsync(string.Join('\n', made.Lines[..2]), "unseal", "--data", folder["data"]);
        var three = await WithInputAsync(string.Join('\n', made.Lines[2..]), "unseal", "--data", folder["data"]);
        await PalisadeProgram.InterruptAsync(service);

        Assert.Equal(5, made.Lines.Length);
        Assert.Equal((2, 0), (two.ExitCode, three.ExitCode));
        Assert.Contains("3 are needed", two.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_unseals_at_the_start_and_one_that_fails_leaves_a_sealed_service_that_answers()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["secret"], "what a key service would print", TestContext.Current.CancellationToken);
        var command = $"cat {folder["secret"]}";
        await PalisadeProgram.RunAsync("key", "init", "--unseal-with", command, "--data", folder["data"]);

        using var unsealed = await ServeAsync(folder["data"], "--unseal-with", command);
        var first = await PalisadeProgram.RunAsync("key", "show", "--data", folder["data"]);
        await PalisadeProgram.InterruptAsync(unsealed);
        File.Delete(folder["secret"]);
        using var stayed = await ServeAsync(folder["data"], "--unseal-with", command);
        var second = await PalisadeProgram.RunAsync("key", "show", "--data", folder["data"]);
        await PalisadeProgram.InterruptAsync(stayed);

        Assert.Contains("is unsealed", first.Out, StringComparison.Ordinal);
        Assert.Contains("is sealed", second.Out, StringComparison.Ordinal);
        Assert.Contains("The service starts sealed", await stayed.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotation_needs_another_person()
    {
        using var folder = new TemporaryFolder();
        await PalisadeProgram.RunAsync("key", "init", "--unsafe-development-file", "--data", folder["data"]);

        var request = await PalisadeProgram.RunAsync("key", "rotate", "--reason", "yearly", "--data", folder["data"]);
        var alone = await PalisadeProgram.RunAsync("key", "rotate", "--approval", "1", "--data", folder["data"]);
        var shown = await PalisadeProgram.RunAsync("key", "show", "--json", "--data", folder["data"]);

        Assert.Equal((10, 2), (request.ExitCode, alone.ExitCode));
        Assert.Contains("waits for another person", request.Out, StringComparison.Ordinal);
        using var key = JsonDocument.Parse(Assert.Single(shown.Lines));
        Assert.Equal("newest", key.RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_lost_bank_key_is_brought_back()
    {
        using var folder = new TemporaryFolder();
        await WithInputAsync(Passphrase, "key", "init", "--data", folder["data"]);
        var path = Path.Combine(folder["data"], "bank.key");
        var before = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        File.Delete(path);

        var missing = await PalisadeProgram.RunAsync("bank", "list", "--data", folder["data"]);
        var recovered = await WithInputAsync(Passphrase, "key", "recover", "--data", folder["data"]);

        Assert.Contains("palisade key recover", missing.Error, StringComparison.Ordinal);
        Assert.Equal(0, recovered.ExitCode);
        Assert.Equal(before, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_a_service_unsealing_says_what_to_do()
    {
        using var folder = new TemporaryFolder();

        var ended = await WithInputAsync(Passphrase, "unseal", "--data", folder["data"]);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("No service runs on", ended.Error, StringComparison.Ordinal);
    }

    private static Task<PalisadeProgram.Ended> WithInputAsync(string input, params string[] arguments) =>
        PalisadeProgram.RunWithInputAsync(Encoding.UTF8.GetBytes(input + "\n"), arguments);

    private static async Task<Process> ServeAsync(string data, params string[] more)
    {
        var service = PalisadeProgram.Start(["serve", "--data", data, "--url", "http://127.0.0.1:0", "--development", .. more]);
        string? line;
        do
        {
            // The socket is made before the first line is printed.
            line = await service.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.Contains("evidence", StringComparison.Ordinal));
        return service;
    }
}
