using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Server.Api;
using Palisade.Server.Tests.Api;

namespace Palisade.Server.Tests.Audit;

/// <summary>What is put on the audit log by a running service, and how the log is read from outside.</summary>
public sealed class AuditedActsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refused_calls_are_counted_and_a_flood_of_them_writes_one_entry_for_each_reason()
    {
        await using var service = await RunningService.StartAsync();
        using var nobody = service.ClientOf(null);
        using var guesser = service.ClientOf("pal_1_guess");
        using var narrow = await service.ClientAsync(ApiScopes.BanksRead);
        for (var i = 0; i < 50; i++)
        {
            (await nobody.GetAsync(new Uri("/v1/banks", UriKind.Relative), Cancellation)).Dispose();
            (await guesser.GetAsync(new Uri("/v1/banks", UriKind.Relative), Cancellation)).Dispose();
            (await narrow.GetAsync(new Uri("/v1/keys", UriKind.Relative), Cancellation)).Dispose();
        }

        await service.App.Services.GetRequiredService<FailedAccess>().NoteAsync(Cancellation);

        var entries = await service.Installation.Audit.ListAsync(new AuditFilter { Action = "access.refused" }, 100, Cancellation);
        Assert.Equal(["api/key-missing", "api/key-not-valid", "api/scope-missing"], entries.Select(entry => entry.Subject));
        Assert.All(entries, entry => Assert.StartsWith("50 calls", entry.Reason, StringComparison.Ordinal));
        Assert.Equal(service.Installation.Audit.Actors.PseudonymOf(Actor.Stranger), entries[0].Actor);
        Assert.NotEqual(entries[0].Actor, entries[2].Actor);
        Assert.DoesNotContain(entries, entry => entry.ToString().Contains("guess", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_policy_is_on_the_log_once_with_its_digest()
    {
        var folder = Directory.CreateTempSubdirectory("palisade-policy").FullName;
        for (var start = 0; start < 2; start++)
        {
            var service = await RunningService.StartAsync(folder: folder);
            Assert.Single(await PolicyEntriesAsync(service));
            await service.StopAsync();
        }

        var path = Path.Combine(folder, PolicyBook.FileName);
        await File.AppendAllTextAsync(path, "\n", Cancellation);
        await using var changed = await RunningService.StartAsync(folder: folder);

        var entries = await PolicyEntriesAsync(changed);
        Assert.Equal(2, entries.Count);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path, Cancellation)), entries[1].Digest);
    }

    [Fact]
    public async Task Changes_of_banks_and_signals_are_on_the_log_with_the_caller_as_a_pseudonym()
    {
        await using var service = await RunningService.StartAsync();
        var bank = await service.BankAsync("practice");
        using var client = await service.ClientAsync(ApiScopes.BanksWrite, ApiScopes.BanksRead);
        using var body = new StringContent("""{"owner":"another desk"}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await client.PatchAsync(new Uri("/v1/banks/practice", UriKind.Relative), body, Cancellation);
        response.EnsureSuccessStatusCode();

        var entries = await service.Installation.Audit.ListAsync(new AuditFilter { Subject = $"bank/{bank.Id}" }, 10, Cancellation);

        Assert.Equal(["bank.created", "bank.changed"], entries.Select(entry => entry.Action));
        Assert.Equal(service.Installation.Audit.Actors.PseudonymOf(Actor.CommandLine("tests")), entries[0].Actor);
        Assert.NotEqual(entries[0].Actor, entries[1].Actor);
    }

    [Fact]
    public async Task A_monitor_can_rebuild_the_tree_from_what_is_served()
    {
        await using var service = await RunningService.StartAsync();
        for (var i = 0; i < 300; i++)
        {
            await service.Installation.Audit.RecordAsync(
                new AuditEntry { Action = "case.opened", Actor = Actor.Palisade, Subject = $"case/{i}" }, Cancellation);
        }

        await service.Installation.Sequencer.SignAsync(Cancellation);
        using var monitor = await service.ClientAsync(ApiScopes.AuditRead);

        var note = await monitor.GetStringAsync(new Uri("/v1/audit/checkpoint", UriKind.Relative), Cancellation);
        Assert.True(Checkpoint.TryOpen(note, service.Installation.Sequencer.PublicKey!, out var checkpoint));
        var hashes = new List<TreeHash>();
        for (var bundle = 0; bundle * 256 < checkpoint.Size; bundle++)
        {
            var width = Math.Min(256, checkpoint.Size - (bundle * 256));
            var path = new TilePath(null, bundle, (int)width).ToString();
            var bytes = await monitor.GetByteArrayAsync(new Uri("/v1/audit/" + path, UriKind.Relative), Cancellation);
            for (var at = 0; at < bytes.Length;)
            {
                var length = (bytes[at] << 8) | bytes[at + 1];
                hashes.Add(TreeHash.OfLeaf(bytes.AsSpan(at + 2, length)));
                at += 2 + length;
            }
        }

        TreeHash Node(int level, long index) => level == 0
            ? hashes[(int)index]
            : TreeHash.OfNode(Node(level - 1, 2 * index), Node(level - 1, (2 * index) + 1));
        Assert.Equal(checkpoint.Root, MerkleTree.Root(checkpoint.Size, Node));
    }

    [Theory]
    [InlineData("/v1/audit/tile/0/..%2F..%2F..%2Fbank.key")]
    [InlineData("/v1/audit/tile/%2e%2e/%2e%2e/audit.key")]
    [InlineData("/v1/audit/tile/0/999")]
    [InlineData("/v1/audit/tile/checkpoint")]
    public async Task Nothing_but_tiles_is_served(string path)
    {
        await using var service = await RunningService.StartAsync();
        using var monitor = await service.ClientAsync(ApiScopes.AuditRead);

        using var response = await monitor.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static Task<IReadOnlyList<AuditRecord>> PolicyEntriesAsync(RunningService service) =>
        service.Installation.Audit.ListAsync(new AuditFilter { Subject = "policy" }, 10, Cancellation);
}
