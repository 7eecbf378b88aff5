using System.Diagnostics;
using Palisade.Audit;
using Palisade.Server.Tests.Cli;
using Palisade.Testing;

namespace Palisade.Server.Tests.Audit;

/// <summary>
/// T15.5, and T15.2 as far as it can be done here: a verifier in another language, written from the public specifications,
/// judges what we sign and prove.
/// </summary>
public sealed class VerifierScriptTests
{
    private const int Checkpoints = 60;

    [Fact]
    public void The_verifier_has_at_most_200_lines() =>
        Assert.True(ProofBundle.ReadVerifier().TrimEnd().Split('\n').Length <= 200);

    [Fact]
    public async Task It_accepts_many_checkpoints_with_their_entries_and_what_came_before()
    {
        using var folder = new TemporaryFolder();
        await using var installation = await AuditFolder.OpenAsync(folder);
        var earlier = new List<string>();
        var bundles = new List<string>();
        for (var i = 0; i < Checkpoints; i++)
        {
            await AuditFolder.AddAsync(installation, 1 + (i * 7 % 23));
            var note = await AuditFolder.SignAsync(installation);
            var last = await installation.Audit.LastNumberAsync(TestContext.Current.CancellationToken);
            bundles.Add(folder[$"proof-{i}"]);
            await ProofBundle.WriteAsync(
                bundles[^1], installation.Sequencer, note, [1, (last / 2) + 1, last], [.. earlier.TakeLast(3)], TestContext.Current.CancellationToken);
            earlier.Add(note);
        }

        var ended = await RunAsync(folder, ["--key", Path.Combine(folder["data"], AuditSequencer.PublicKeyFileName), .. bundles]);

        Assert.True(ended.ExitCode == 0, ended.Out + ended.Error);
        Assert.DoesNotContain("WRONG", ended.Out, StringComparison.Ordinal);
        Assert.Equal((3 * Checkpoints) - 2, ended.Lines.Count(line => line.Contains("proved: ", StringComparison.Ordinal)));
        Assert.Equal((3 * Checkpoints) - 6, ended.Lines.Count(line => line.Contains("begins with", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_refuses_each_part_that_was_changed()
    {
        using var folder = new TemporaryFolder();
        await using var installation = await AuditFolder.OpenAsync(folder);
        await AuditFolder.AddAsync(installation, 5);
        var first = await AuditFolder.SignAsync(installation);
        await AuditFolder.AddAsync(installation, 8);
        var note = await AuditFolder.SignAsync(installation);
        await ProofBundle.WriteAsync(folder["proof"], installation.Sequencer, note, [4, 9], [first], TestContext.Current.CancellationToken);
        var accepted = new List<string>();

        foreach (var (name, find, put) in new[]
        {
            (ProofBundle.CheckpointName, "\n13\n", "\n14\n"),
            (ProofBundle.EntriesName, "\"index\":3", "\"index\":4"),
            (ProofBundle.EntriesName, "\"proof\":[\"", "\"proof\":[\"AAAA"),
            (ProofBundle.EarlierName, "\\n5\\n", "\\n6\\n"),
            (ProofBundle.LogKeyName, "palisade/", "palisade/x"),
        })
        {
            var path = Path.Combine(folder["proof"], name);
            var whole = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            Assert.Contains(find, whole, StringComparison.Ordinal);
            await File.WriteAllTextAsync(path, whole.Replace(find, put, StringComparison.Ordinal), TestContext.Current.CancellationToken);
            if ((await RunAsync(folder, [folder["proof"]])).ExitCode == 0)
            {
                accepted.Add($"{name}: {put}");
            }

            await File.WriteAllTextAsync(path, whole, TestContext.Current.CancellationToken);
        }

        Assert.Empty(accepted);
        Assert.Equal(0, (await RunAsync(folder, [folder["proof"]])).ExitCode);
    }

    [Fact]
    public async Task What_another_log_signed_is_refused_under_the_key_that_was_given()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        await using var installation = await AuditFolder.OpenAsync(folder);
        await using var stranger = await AuditFolder.OpenAsync(other);
        await AuditFolder.AddAsync(installation, 2);
        await ProofBundle.WriteAsync(
            folder["proof"], installation.Sequencer, await AuditFolder.SignAsync(installation), [1], [], TestContext.Current.CancellationToken);

        var ended = await RunAsync(folder, ["--key", stranger.Sequencer.PublicKey!.ToString(), folder["proof"]]);

        Assert.Equal(1, ended.ExitCode);
    }

    private static async Task<PalisadeProgram.Ended> RunAsync(TemporaryFolder folder, IReadOnlyList<string> arguments)
    {
        var script = folder["verify.py"];
        await File.WriteAllTextAsync(script, ProofBundle.ReadVerifier(), TestContext.Current.CancellationToken);
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("python3", ["-I", script, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            OptionalPart.Require(false, "Python 3: install python3, no packages are needed");
            throw;
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new PalisadeProgram.Ended(process.ExitCode, await output, await error);
        }
    }
}
