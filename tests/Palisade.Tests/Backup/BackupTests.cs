using Microsoft.Extensions.Time.Testing;
using Palisade.Backup;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Backup;

/// <summary>Backup and restore, with T7.1 in small: the primary is gone, and what comes back is whole.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ScratchFolder _scratch = new();
    private House _house = null!;

    private string Data => _scratch["data"];

    private string Target => _scratch["backups"];

    private string Restored => _scratch["restored"];

    public async ValueTask InitializeAsync()
    {
        _house = await House.OpenAsync(Data, _clock);
        await _house.BankAsync("ours", 3);
        await _house.FillAsync(3);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("backups")]
    [InlineData("backup.tar")]
    public async Task When_the_primary_is_wiped_the_backup_brings_back_all_of_it_and_its_proofs_hold(string target)
    {
        var (scan, _, evidence) = await _house.HoldAsync(seed: 900, bytes: 700_000);
        await _house.SignAsync();
        var manifest = await _house.BackUpAsync(_scratch[target], withKeys: true);
        var entries = await _house.Audit.LastNumberAsync(default);
        await _house.DisposeAsync();
        Directory.Delete(Data, recursive: true);

        using (var source = await BackupSource.OpenAsync(_scratch[target], null, _scratch["unpacked"], default))
        {
            var restored = await new RestoreRun(source, Restored).RunAsync(bankKey: null, House.NoProgress, default);
            Assert.Empty(restored.MissingEvidence);
        }

        var (report, findings) = await House.VerifyAsync(Restored, _clock);
        Assert.Empty(findings);
        Assert.Equal((4, 4), (report.Evidence, manifest.Evidence));
        await using var again = await House.OpenAsync(Restored, _clock);
        Assert.Null(again.Sequencer.Fault);
        Assert.Equal(700_000, (await again.Vault.FindAsync(evidence, default))!.SizeBytes);
        using var clear = new MemoryStream();
        await again.Vault.OpenAsync(evidence, clear, House.Anna, "after the restore", default);
        Assert.Equal(House.Bytes(900, 700_000), clear.ToArray());
        Assert.NotNull(await again.Cases.FindBySourceAsync(scan.ToString(), default));
        Assert.Equal(1, entries - manifest.LastLogEntry);
        Assert.False(Directory.Exists(_scratch["unpacked"]));
    }

    [Fact]
    public async Task A_second_backup_copies_only_what_is_new_and_both_can_be_restored()
    {
        await _house.BackUpAsync(Target, withKeys: true);
        var sealedFiles = Directory.GetFiles(Path.Combine(Target, "shared", "evidence"));
        var written = sealedFiles.ToDictionary(path => path, File.GetLastWriteTimeUtc);
        await _house.FillAsync(2, firstSeed: 50);
        _clock.Advance(TimeSpan.FromDays(1));
        await _house.BackUpAsync(Target, withKeys: true);

        var names = BackupSource.NamesIn(Target);
        Assert.Equal(["2027-03-01T120000Z", "2027-03-02T120000Z"], names);
        Assert.All(written, pair => Assert.Equal(pair.Value, File.GetLastWriteTimeUtc(pair.Key)));
        foreach (var (name, pieces) in names.Zip([3, 5]))
        {
            using var source = await BackupSource.OpenAsync(Target, name, _scratch["unused"], default);
            await new RestoreRun(source, _scratch[name]).RunAsync(null, House.NoProgress, default);
            var (report, findings) = await House.VerifyAsync(_scratch[name], _clock);
            Assert.Empty(findings);
            Assert.Equal(pieces, report.Evidence);
        }
    }

    [Fact]
    public async Task A_rehearsal_says_what_a_restore_would_bring_and_leaves_nothing_behind()
    {
        await _house.BackUpAsync(Target);
        _clock.Advance(TimeSpan.FromHours(5));

        using var source = await BackupSource.OpenAsync(Target, null, _scratch["unused"], default);
        var rehearsed = await new Rehearsal(source, _scratch["rehearsal"], _clock).RunAsync(
            Path.Combine(Data, "bank.key"), _ => { }, House.NoProgress, default);

        Assert.True(rehearsed.Report.IsWhole);
        Assert.Equal(TimeSpan.FromHours(5), rehearsed.Age);
        Assert.False(Directory.Exists(_scratch["rehearsal"]));
    }

    [Fact]
    public async Task Backups_go_on_while_uploads_are_taken_and_every_record_in_them_has_its_file()
    {
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var seed = 1000; !enough.IsCancellationRequested; seed++)
            {
                await _house.HoldAsync(seed);
                await _house.SignAsync();
            }
        }, TestContext.Current.CancellationToken);

        for (var backup = 0; backup < 5; backup++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await _house.BackUpAsync(Target, withKeys: true);
        }

        await enough.CancelAsync();
        await writing;
        foreach (var name in BackupSource.NamesIn(Target))
        {
            using var source = await BackupSource.OpenAsync(Target, name, _scratch["unused"], default);
            var restored = await new RestoreRun(source, _scratch[name]).RunAsync(null, House.NoProgress, default);
            Assert.Empty(restored.MissingEvidence);
            Assert.Empty((await House.VerifyAsync(_scratch[name], _clock)).Findings);
        }
    }

    [Fact]
    public async Task The_bank_key_is_in_a_backup_only_when_that_was_asked_for()
    {
        await _house.BackUpAsync(Target);

        Assert.Empty(Directory.EnumerateFiles(Target, "bank.key", SearchOption.AllDirectories));
        using var source = await BackupSource.OpenAsync(Target, null, _scratch["unused"], default);
        Assert.True((await new RestoreRun(source, Restored).RunAsync(null, House.NoProgress, default)).NeedsBankKey);
    }

    [Fact]
    public async Task A_restore_never_goes_over_a_folder_in_use()
    {
        await _house.BackUpAsync(Target, withKeys: true);
        var before = ScratchFolder.Photograph(Data);

        using var source = await BackupSource.OpenAsync(Target, null, _scratch["unused"], default);
        var error = await Assert.ThrowsAsync<StoreUnusableException>(
            () => new RestoreRun(source, Data).RunAsync(null, House.NoProgress, default));

        Assert.Contains("never over one", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, ScratchFolder.Photograph(Data));
    }

    [Theory]
    [InlineData("palisade.db")]
    [InlineData("shared/evidence")]
    [InlineData("manifest.json")]
    public async Task A_damaged_backup_is_not_restored_as_if_it_were_whole(string what)
    {
        await _house.BackUpAsync(Target, withKeys: true);
        var file = Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories).First(path => path.Contains(what, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 3] ^= 0x80;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        try
        {
            using var source = await BackupSource.OpenAsync(Target, null, _scratch["unused"], default);
            var restored = await new RestoreRun(source, Restored).RunAsync(null, House.NoProgress, default);
            Assert.Single(restored.MissingEvidence);
            Assert.NotEmpty((await House.VerifyAsync(Restored, _clock)).Findings);
        }
        catch (StoreUnusableException refusal)
        {
            Assert.False(File.Exists(Path.Combine(Restored, "palisade.db")));
            Assert.Matches("damaged|layout|not whole", refusal.Message);
        }
    }

    [Fact]
    public async Task A_backup_that_was_cut_short_is_never_offered_and_the_next_one_clears_it_away()
    {
        await _house.BackUpAsync(Target);
        var finished = Path.Combine(Target, Assert.Single(BackupSource.NamesIn(Target)));
        Directory.Move(finished, finished + ".partial");

        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => BackupSource.OpenAsync(Target, null, _scratch["unused"], default));
        Assert.Contains("never finished", error.Message, StringComparison.Ordinal);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _house.BackUpAsync(Target);
        Assert.Empty(Directory.EnumerateDirectories(Target, "*.partial"));
    }

    [Fact]
    public async Task A_backup_of_a_newer_version_is_refused_before_anything_is_copied()
    {
        await _house.BackUpAsync(Target, withKeys: true);
        var manifest = Directory.EnumerateFiles(Target, BackupManifest.FileName, SearchOption.AllDirectories).Single();
        var text = await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken);
        var newer = System.Text.Json.Nodes.JsonNode.Parse(text)!;
        newer["migration"] = 9999;
        await File.WriteAllTextAsync(manifest, newer.ToJsonString(), TestContext.Current.CancellationToken);

        using var source = await BackupSource.OpenAsync(Target, null, _scratch["unused"], default);
        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => new RestoreRun(source, Restored).RunAsync(null, House.NoProgress, default));

        Assert.Contains("newer Palisade", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Restored));
    }

    [Fact]
    public async Task A_folder_with_other_things_in_it_is_no_place_for_backups()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Target).FullName, "letter.txt"), "dear", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<IOException>(() => _house.BackUpAsync(Target));

        Assert.Contains("holds other things", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_was_rewritten_is_noticed_by_the_next_backup()
    {
        await _house.FillAsync(100, firstSeed: 100);
        await _house.BackUpAsync(Target);
        var tile = Directory.EnumerateFiles(Path.Combine(Target, "shared", "audit", "tile", "0")).First();
        var bytes = await File.ReadAllBytesAsync(tile, TestContext.Current.CancellationToken);
        bytes[7] ^= 1;
        await File.WriteAllBytesAsync(tile, bytes, TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromMinutes(1));

        var error = await Assert.ThrowsAsync<IOException>(() => _house.BackUpAsync(Target));

        Assert.Contains("never changes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_cannot_be_written_is_refused_and_stays_as_it_was()
    {
        await File.WriteAllTextAsync(Target, "no folder", TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<Exception>(() => _house.BackUpAsync(Path.Combine(Target, "below")));
        Assert.Equal("no folder", await File.ReadAllTextAsync(Target, TestContext.Current.CancellationToken));
    }
}
