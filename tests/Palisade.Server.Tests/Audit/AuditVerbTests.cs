using System.Text.Json;
using Dapper;
using Palisade.Audit;
using Palisade.Server.Tests.Cli;

namespace Palisade.Server.Tests.Audit;

public sealed class AuditVerbTests
{
    [Fact]
    public async Task An_operator_lists_shows_signs_proves_and_verifies_from_the_command_line()
    {
        using var folder = new TemporaryFolder();
        string[] on = ["--data", folder["data"]];
        await PalisadeProgram.RunAsync(["bank", "create", "practice", "--owner", "desk", "--purpose", "practice", .. on]);
        await PalisadeProgram.RunAsync(["key", "create", "--name", "gate", "--scope", "scan", .. on]);

        var list = await PalisadeProgram.RunAsync(["audit", "list", "--json", .. on]);
        var banks = await PalisadeProgram.RunAsync(["audit", "list", "--action", "bank.", .. on]);
        var mine = await PalisadeProgram.RunAsync(["audit", "list", "--actor", "cli:" + Environment.UserName, "--json", .. on]);
        var others = await PalisadeProgram.RunAsync(["audit", "list", "--actor", "cli:nobody", .. on]);
        var checkpoint = await PalisadeProgram.RunAsync(["audit", "checkpoint", .. on]);
        var show = await PalisadeProgram.RunAsync(["audit", "show", "2", .. on]);
        var prove = await PalisadeProgram.RunAsync(["audit", "prove", "1", "2", "--out", folder["proof"], .. on]);
        var one = await PalisadeProgram.RunAsync(["audit", "prove", "1", .. on]);
        var verify = await PalisadeProgram.RunAsync(["audit", "verify", .. on]);
        var missing = await PalisadeProgram.RunAsync(["audit", "show", "99", .. on]);

        Assert.Equal(["bank.created", "key.created"], list.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("action").GetString()!));
        Assert.Contains("bank/1", Assert.Single(banks.Lines), StringComparison.Ordinal);
        Assert.Equal(2, mine.Lines.Length);
        Assert.Empty(others.Out);
        Assert.Equal("2", checkpoint.Lines[1]);
        Assert.Contains("yes, by the checkpoint of 2 entries", show.Out, StringComparison.Ordinal);
        Assert.Equal(0, prove.ExitCode);
        Assert.True(File.Exists(Path.Combine(folder["proof"], "verify.py")));
        Assert.StartsWith("c2sp.org/tlog-proof@v1\nindex 0\n", one.Out, StringComparison.Ordinal);
        Assert.Contains("2 signed entries are as they were signed", verify.Out, StringComparison.Ordinal);
        Assert.Equal((0, 2), (verify.ExitCode, missing.ExitCode));
    }

    [Fact]
    public async Task What_was_changed_behind_its_back_is_named_and_has_an_exit_code_of_its_own()
    {
        using var folder = new TemporaryFolder();
        await using (var installation = await AuditFolder.OpenAsync(folder))
        {
            await AuditFolder.AddAsync(installation, 9);
            await AuditFolder.SignAsync(installation);
            await installation.Store.WriteAsync(
                transaction => transaction.Connection!.ExecuteAsync(
                    "UPDATE audit_entry SET subject = 'case/other' WHERE seq = 6", transaction: transaction),
                TestContext.Current.CancellationToken);
        }

        var verify = await PalisadeProgram.RunAsync("audit", "verify", "--data", folder["data"]);

        Assert.Contains("Entry 6 was changed in the store.", verify.Out, StringComparison.Ordinal);
        Assert.Equal(11, verify.ExitCode);
    }

    [Fact]
    public async Task A_store_that_was_set_back_is_said_with_what_to_do_and_can_be_mended()
    {
        using var folder = new TemporaryFolder();
        await using (var installation = await AuditFolder.OpenAsync(folder))
        {
            await AuditFolder.AddAsync(installation, 4);
            await AuditFolder.SignAsync(installation);
            await installation.Sequencer.HandOverAsync();
        }

        AuditFolder.Copy(folder["data"], folder["backup"]);
        await using (var installation = await AuditFolder.OpenAsync(folder))
        {
            await AuditFolder.AddAsync(installation, 2);
            await AuditFolder.SignAsync(installation);
            await installation.Sequencer.HandOverAsync();
        }

        foreach (var file in Directory.GetFiles(folder["data"], "palisade.db*"))
        {
            File.Delete(file);
        }

        foreach (var file in Directory.GetFiles(folder["backup"], "palisade.db*"))
        {
            File.Copy(file, file.Replace(folder["backup"], folder["data"], StringComparison.Ordinal));
        }

        string[] on = ["--data", folder["data"]];
        var verify = await PalisadeProgram.RunAsync(["audit", "verify", .. on]);
        var checkpoint = await PalisadeProgram.RunAsync(["audit", "checkpoint", .. on]);
        var mend = await PalisadeProgram.RunAsync(["audit", "mend", .. on]);
        var again = await PalisadeProgram.RunAsync(["audit", "mend", .. on]);
        var after = await PalisadeProgram.RunAsync(["audit", "checkpoint", .. on]);

        Assert.Contains("Entries 5 to 6 ", verify.Out, StringComparison.Ordinal);
        Assert.Equal(11, verify.ExitCode);
        Assert.Contains("palisade audit mend", checkpoint.Error, StringComparison.Ordinal);
        Assert.Equal(2, checkpoint.ExitCode);
        Assert.Contains("2 entries are back", mend.Out, StringComparison.Ordinal);
        Assert.Contains("Nothing is missing", again.Error, StringComparison.Ordinal);
        Assert.Equal("7", after.Lines[1]);
    }

    [Fact]
    public async Task Beside_a_running_service_another_process_does_not_sign_but_asks_it_to()
    {
        // T15.4 with two processes on one folder.
        using var folder = new TemporaryFolder();
        using var service = PalisadeProgram.Start(
            "serve", "--data", folder["data"], "--url", "http://127.0.0.1:0", "--development");
        await service.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await PalisadeProgram.RunAsync("key", "create", "--name", "gate", "--scope", "scan", "--data", folder["data"]);

        var asked = await PalisadeProgram.RunAsync("audit", "checkpoint", "--data", folder["data"]);
        SigningOutcome second;
        await using (var installation = await AuditFolder.OpenAsync(folder))
        {
            second = await installation.Sequencer.SignAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(asked.ExitCode == 0, asked.Error);

        // Policy, retention and the key.
        Assert.Equal("3", asked.Lines[1]);
        Assert.IsType<SigningOutcome.SignedElsewhere>(second);
        Assert.Equal(0, await PalisadeProgram.InterruptAsync(service));
    }
}
