using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Testing;

namespace Palisade.Tests.Audit;

public sealed class AuditSequencerTests
{
    [Theory, StoreEngines]
    public async Task Each_checkpoint_continues_the_one_before_and_proves_every_entry(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        var before = new Checkpoint(audit.Sequencer.PublicKey!.Name, 0, TreeHash.Empty);
        foreach (var more in (int[])[1, 1, 254, 1, 300, 0, 256, 1000])
        {
            await audit.AddAsync(more);

            var checkpoint = await audit.SignAsync();

            Assert.Equal(before.Size + more, checkpoint.Size);
            var tree = new TiledTree(audit.Sequencer.Tiles, checkpoint.Size);
            Assert.Equal(checkpoint.Root, tree.Root);
            Assert.True(ProofCheck.Consistency(before.Size, checkpoint.Size, tree.ProveConsistency(before.Size), before.Root, checkpoint.Root));
            foreach (var index in (long[])[0, checkpoint.Size / 2, checkpoint.Size - 1])
            {
                var record = (await audit.Log.FindAsync(index + 1, default))!;
                Assert.Equal(record.ToLeaf(), tree.Leaf(index));
                Assert.True(ProofCheck.Inclusion(
                    TreeHash.OfLeaf(record.ToLeaf()), index, checkpoint.Size, tree.ProveInclusion(index), checkpoint.Root));
            }

            before = checkpoint;
        }

        Assert.Empty(await audit.FindDamageAsync(before));
    }

    [Fact]
    public async Task The_folder_is_laid_out_as_tlog_tiles_says()
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        await audit.AddAsync(300);
        await audit.SignAsync();
        await audit.AddAsync(70_000 - 300);

        await audit.SignAsync();

        // The example of the specification: 70,000 entries are 273 full tiles at level 0 and one of width 112, and so on up.
        var tile = Path.Combine(audit.Sequencer.Tiles.Folder, "tile");
        Assert.Equal(273, Directory.GetFiles(Path.Combine(tile, "0")).Length);
        Assert.Equal(274, Directory.GetFiles(Path.Combine(tile, "entries"), "*", SearchOption.AllDirectories).Length);
        Assert.Equal(112 * 32, new FileInfo(Path.Combine(tile, "0", "273.p", "112")).Length);
        Assert.Equal(256 * 32, new FileInfo(Path.Combine(tile, "1", "000")).Length);
        Assert.Equal(17 * 32, new FileInfo(Path.Combine(tile, "1", "001.p", "17")).Length);
        Assert.Equal(1 * 32, new FileInfo(Path.Combine(tile, "2", "000.p", "1")).Length);
        Assert.False(Directory.Exists(Path.Combine(tile, "0", "001.p")));
        Assert.True(NoteKey.TryParse(await File.ReadAllTextAsync(Path.Combine(audit.Test.Folder, AuditSequencer.PublicKeyFileName)), out _));
        Assert.True(
            OperatingSystem.IsWindows() ||
            File.GetUnixFileMode(Path.Combine(audit.Test.Folder, "audit.key")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Theory, StoreEngines]
    public async Task Of_two_copies_on_one_log_one_refuses_to_sign(TestEngine engine)
    {
        // T15.4
        await using var audit = await AuditFixture.CreateAsync(engine);
        await audit.AddAsync(3);
        await audit.SignAsync();
        var second = await audit.OpenSequencerAsync();
        await audit.AddAsync(2);

        var refused = await second.SignAsync(default);
        var signed = await audit.SignAsync();

        Assert.IsType<SigningOutcome.SignedElsewhere>(refused);
        Assert.Equal(5, signed.Size);
    }

    [Theory, StoreEngines]
    public async Task A_copy_that_lost_its_turn_does_not_sign_again_and_the_other_goes_on(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        await audit.AddAsync(3);
        await audit.SignAsync();
        var second = await audit.OpenSequencerAsync();
        audit.Clock.Advance(SigningTable.Lease);
        await audit.AddAsync(1);

        var taken = await audit.SignAsync(second);
        var late = await audit.Sequencer.SignAsync(default);
        await second.HandOverAsync();
        await audit.AddAsync(1);
        var again = await audit.SignAsync();

        Assert.Equal(4, taken.Size);
        Assert.IsType<SigningOutcome.SignedElsewhere>(late);
        Assert.Equal(5, again.Size);
    }

    [Theory, StoreEngines]
    public async Task A_checkpoint_of_a_copy_that_lost_its_turn_meanwhile_does_not_count(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        await audit.AddAsync(1);
        var logKey = audit.Sequencer.PublicKey!.ToString();
        var now = audit.Clock.GetUtcNow();
        var held = await audit.Test.Store.WriteAsync(t => SigningTable.TakeLeaseAsync(t, logKey, "first", now), default);
        await audit.Test.Store.WriteAsync(t => SigningTable.TakeLeaseAsync(t, logKey, "second", now + SigningTable.Lease), default);

        var isPublished = await audit.Test.Store.WriteAsync(t => SigningTable.PublishAsync(t, held, "a checkpoint"), default);

        Assert.Equal("first", held.Holder);
        Assert.False(isPublished);
    }

    [Fact]
    public async Task A_clock_that_stood_a_year_ahead_does_not_keep_the_log_from_being_signed()
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        await audit.AddAsync(1);
        await audit.ExecuteAsync(
            """
            INSERT INTO audit_signing (id, log_key, holder, lease_ends_at, fence, wanted_size, checkpoint)
            VALUES (1, @key, 'from the future', @ends, 1, 0, '')
            """,
            new { key = audit.Sequencer.PublicKey!.ToString(), ends = audit.Clock.GetUtcNow().AddYears(1).ToUnixTimeMilliseconds() });

        Assert.Equal(1, (await audit.SignAsync()).Size);
    }

    [Theory, StoreEngines]
    public async Task A_signer_that_died_at_any_step_is_followed_without_a_fork(TestEngine engine)
    {
        // What each step leaves: some of the tiles; all of them; the checkpoint in the store and not in the folder.
        await using var audit = await AuditFixture.CreateAsync(engine);
        await audit.AddAsync(250);
        var known = await audit.SignAsync();
        var random = new Random(20270301);
        for (var round = 0; round < 12; round++)
        {
            await audit.AddAsync(random.Next(1, 120));
            var folder = audit.Sequencer.Tiles.Folder;
            var before = Copy(folder);
            var published = audit.Sequencer.Tiles.ReadCheckpoint();
            var checkpoint = await audit.SignAsync();
            var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
                .Where(file => !before.ContainsKey(file)).OrderBy(_ => random.Next()).ToList();
            foreach (var file in files.Take(random.Next(files.Count + 1)))
            {
                File.Delete(file);
            }

            if (random.Next(2) == 0)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, TileFolder.CheckpointName), published!);
            }

            foreach (var (file, bytes) in before.Where(pair => !File.Exists(pair.Key) && random.Next(2) == 0))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllBytesAsync(file, bytes);
            }

            audit.Clock.Advance(SigningTable.Lease);
            var next = await audit.OpenSequencerAsync();
            await audit.AddAsync(1);
            var after = await audit.SignAsync(next);
            await next.HandOverAsync();

            var tree = new TiledTree(next.Tiles, after.Size);
            Assert.Equal(checkpoint.Size + 1, after.Size);
            Assert.True(ProofCheck.Consistency(known.Size, after.Size, tree.ProveConsistency(known.Size), known.Root, after.Root));
            Assert.True(ProofCheck.Consistency(checkpoint.Size, after.Size, tree.ProveConsistency(checkpoint.Size), checkpoint.Root, after.Root));
            Assert.Empty(await audit.FindDamageAsync(after));
        }
    }

    [Theory, StoreEngines]
    public async Task A_node_with_an_empty_folder_makes_the_tiles_again_and_signs_the_same_log(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        await audit.AddAsync(600);
        var signed = await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        var node = Path.Combine(audit.Test.Folder, "node");
        Directory.CreateDirectory(node);
        File.Copy(Path.Combine(audit.Test.Folder, "audit.key"), Path.Combine(node, "audit.key"));

        var other = await audit.OpenSequencerAsync(folder: node);
        await audit.AddAsync(1);
        var after = await audit.SignAsync(other);

        Assert.Null(other.Fault);
        Assert.True(ProofCheck.Consistency(
            signed.Size, after.Size, new TiledTree(other.Tiles, after.Size).ProveConsistency(signed.Size), signed.Root, after.Root));
    }

    [Theory, StoreEngines]
    public async Task Nothing_is_signed_over_a_row_that_changed_between_two_checkpoints(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        await audit.AddAsync(10);
        await audit.SignAsync();
        await audit.AddAsync(10);
        await audit.ExecuteAsync("UPDATE audit_entry SET subject = 'case/other' WHERE seq = 17");

        var outcome = await audit.Sequencer.SignAsync(default);

        var refused = Assert.IsType<SigningOutcome.Refused>(outcome);
        Assert.Equal(17, refused.Fault.First);
        Assert.NotNull(audit.Log.ClosedBecause);
        Assert.Contains("\n10\n", audit.Sequencer.Tiles.ReadCheckpoint()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_key_closes_the_log_and_makes_no_second_one()
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        await audit.AddAsync(1);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        File.Delete(Path.Combine(audit.Test.Folder, "audit.key"));

        var sequencer = await audit.OpenSequencerAsync(audit.Log);

        Assert.Contains("audit.key", sequencer.Fault!.Explanation, StringComparison.Ordinal);
        Assert.IsType<SigningOutcome.Refused>(await sequencer.SignAsync(default));
        Assert.False(File.Exists(Path.Combine(audit.Test.Folder, "audit.key")));
        await Assert.ThrowsAsync<AuditUnavailableException>(() => audit.Log.RecordAsync(
            new AuditEntry { Action = "case.revealed", Actor = AuditFixture.By, Subject = "case/1" }, default));
    }

    [Fact]
    public async Task A_signer_that_runs_signs_within_a_minute_of_an_entry_and_at_once_when_asked()
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        using var stop = new CancellationTokenSource();
        var running = audit.Sequencer.RunAsync(stop.Token);
        await audit.AddAsync(1);
        await Until(() => audit.Clock.Advance(TimeSpan.FromSeconds(1)), async () => (await audit.Sequencer.LastAsync(default))?.Checkpoint.Size == 1);
        await audit.AddAsync(1);
        await audit.Test.Store.WriteAsync(
            async transaction =>
            {
                await SigningTable.WantAsync(transaction, 2);
                return 0;
            },
            default);
        await Until(() => audit.Clock.Advance(TimeSpan.FromSeconds(1)), async () => (await audit.Sequencer.LastAsync(default))?.Checkpoint.Size == 2);
        await stop.CancelAsync();
        await running;

        // Handed over: another may sign at once.
        Assert.Equal(2, (await audit.SignAsync(await audit.OpenSequencerAsync())).Size);
    }

    private static async Task Until(Action turn, Func<Task<bool>> isSo)
    {
        do
        {
            turn();
            await Task.Yield();
        }
        while (!await isSo());
    }

    private static Dictionary<string, byte[]> Copy(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => file, File.ReadAllBytes, StringComparer.Ordinal);
}
