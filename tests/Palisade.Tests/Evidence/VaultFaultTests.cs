using Dapper;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Evidence;

public sealed class VaultFaultTests
{
    [Theory, StoreEngines]
    public async Task A_folder_that_cannot_be_written_is_told_in_words_and_taking_goes_on_when_it_can(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        await File.WriteAllTextAsync(fixture.Folder, "a file where the folder should be");

        var refusal = await Assert.ThrowsAsync<IOException>(() => fixture.TakeAsync([1]));
        File.Delete(fixture.Folder);
        var id = await fixture.TakeAsync([1]);

        Assert.Contains("so it was not kept", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Make room", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([1], await fixture.OpenAsync(id));
        Assert.Single(await fixture.Vault.ListAsync("cas_1", CancellationToken.None));
    }

    [Theory, StoreEngines]
    public async Task A_row_that_was_changed_is_not_trusted(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        string[] changes =
        [
            "case_id = 'cas_2'", "size_bytes = 4", "admitted_at = admitted_at + 1", "state = 'destroyed'", "destroyed_at = 5",
            "header = check_value", "sealed_sha256 = facts_sha256", "facts_sha256 = sealed_sha256",
        ];

        foreach (var change in changes)
        {
            var id = await fixture.TakeAsync([1, 2, 3], "cas_" + Guid.NewGuid().ToString("n"));
            await fixture.ExecuteAsync($"UPDATE evidence SET {change} WHERE id = @id", new { id = id.ToString() });

            await Assert.ThrowsAsync<EvidenceDamagedException>(() => fixture.OpenAsync(id));
        }
    }

    [Theory, StoreEngines]
    public async Task Parts_of_other_evidence_are_refused_in_each_others_place(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var (a, b) = (await fixture.TakeAsync([1]), await fixture.TakeAsync([2]));
        var (fileOfA, fileOfB) = (await PathOfAsync(fixture, a), await PathOfAsync(fixture, b));

        File.Copy(fileOfB, fileOfA, overwrite: true);
        await fixture.ExecuteAsync(
            "UPDATE wrapped_key SET wrapped = (SELECT wrapped FROM wrapped_key AS other WHERE other.bound = @b) WHERE bound = @a",
            new { a = EvidenceVault.BoundOf(b, SealedPurpose.Original), b = EvidenceVault.BoundOf(a, SealedPurpose.Original) });
        await fixture.ExecuteAsync(
            "UPDATE evidence_facts SET sealed = (SELECT sealed FROM evidence_facts AS other WHERE other.evidence_id = @b) WHERE evidence_id = @a",
            new { a = a.ToString(), b = b.ToString() });

        await Assert.ThrowsAsync<EvidenceDamagedException>(() => fixture.OpenAsync(a));
        await Assert.ThrowsAsync<StoreUnusableException>(() => fixture.OpenAsync(b));
        await Assert.ThrowsAsync<EvidenceDamagedException>(
            () => fixture.Vault.FactsAsync(a, VaultFixture.Reviewer, "deciding", CancellationToken.None));
    }

    /// <summary>Whoever can write the store and the folder knows the public half; that must not be enough to plant evidence.</summary>
    [Theory, StoreEngines]
    public async Task A_file_and_key_made_by_somebody_else_are_refused_although_they_fit_each_other(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var id = await fixture.TakeAsync("the true picture"u8.ToArray());
        var bound = EvidenceVault.BoundOf(id, SealedPurpose.Original);
        var ownKey = new byte[32];
        using (var planted = File.Create(await PathOfAsync(fixture, id)))
        {
            using var writer = new SealedWriter(planted, new SealedHeader(id, SealedPurpose.Original, SealedHeader.UsualChunkBytes), ownKey);
            writer.Write("another picture"u8);
            writer.Complete();
        }

        await fixture.ExecuteAsync("UPDATE wrapped_key SET wrapped = @wrapped WHERE bound = @bound", new { bound, wrapped = fixture.Keys.Wrap(ownKey, bound) });

        await Assert.ThrowsAsync<EvidenceDamagedException>(() => fixture.OpenAsync(id));
    }

    [Theory, StoreEngines]
    public async Task A_missing_file_or_key_is_named_and_the_look_is_on_the_log(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var (a, b) = (await fixture.TakeAsync([1]), await fixture.TakeAsync([2]));
        File.Delete(await PathOfAsync(fixture, a));
        await fixture.ExecuteAsync("DELETE FROM wrapped_key WHERE bound = @bound", new { bound = EvidenceVault.BoundOf(b, SealedPurpose.Original) });

        var missingFile = await Assert.ThrowsAsync<EvidenceDamagedException>(() => fixture.OpenAsync(a));
        var missingKey = await Assert.ThrowsAsync<EvidenceDamagedException>(() => fixture.OpenAsync(b));

        Assert.Equal((a, b), (missingFile.Id, missingKey.Id));
        Assert.Equal(2, (await fixture.LogAsync()).Count(entry => entry.Action == "evidence.closed" && entry.Reason == "stopped, it is damaged, 0 bytes"));
    }

    [Theory, StoreEngines]
    public async Task No_byte_leaves_when_the_log_takes_no_entry(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var id = await fixture.TakeAsync([1, 2, 3]);
        await fixture.ExecuteAsync("DROP TABLE audit_entry CASCADE".Replace(" CASCADE", engine == TestEngine.Postgres ? " CASCADE" : "", StringComparison.Ordinal));
        using var destination = new MemoryStream();

        await Assert.ThrowsAnyAsync<Exception>(
            () => fixture.Vault.OpenAsync(id, destination, VaultFixture.Reviewer, "looking", CancellationToken.None));

        Assert.Equal(0, destination.Length);
    }

    [Theory, StoreEngines]
    public async Task A_crash_between_file_and_record_leaves_a_file_that_goes_after_an_hour(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        using var staged = await fixture.Vault.StageAsync(new byte[] { 1 }, VaultFixture.Facts(), CancellationToken.None);
        var admitted = await fixture.TakeAsync([2]);
        await File.WriteAllTextAsync(Path.Combine(fixture.Folder, "half.staging"), "half a file");

        var first = await fixture.Vault.SweepOrphansAsync(CancellationToken.None);
        fixture.Clock.Advance(TimeSpan.FromMinutes(59));
        var early = await fixture.Vault.SweepOrphansAsync(CancellationToken.None);
        fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        var late = await fixture.Vault.SweepOrphansAsync(CancellationToken.None);

        Assert.Equal((0, 0, 2), (first, early, late));
        Assert.Equal([2], await fixture.OpenAsync(admitted));
        await Assert.ThrowsAsync<IOException>(() => fixture.AdmitAsync(staged));
    }

    [Theory, StoreEngines]
    public async Task A_record_that_was_changed_to_destroyed_costs_no_file(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        await fixture.TakeAsync([2]);
        await fixture.Test.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync("UPDATE evidence SET state = 'destroyed'", transaction: transaction),
            CancellationToken.None);
        var files = Directory.GetFiles(fixture.Folder);

        await Assert.ThrowsAsync<EvidenceDamagedException>(() => fixture.Vault.SweepOrphansAsync(CancellationToken.None));

        Assert.Equal(files, Directory.GetFiles(fixture.Folder));
        Assert.NotEmpty(files);
    }

    [Theory, StoreEngines]
    public async Task A_time_of_day_that_jumps_a_year_destroys_nothing(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var clock = new JumpingClock();
        var vault = new EvidenceVault(fixture.Test.Store, fixture.Keys, fixture.Audit, fixture.Folder, clock);
        using var staged = await vault.StageAsync(new byte[] { 1 }, VaultFixture.Facts(), CancellationToken.None);
        await vault.SweepOrphansAsync(CancellationToken.None);

        clock.TimeOfDay = clock.TimeOfDay.AddYears(1);
        var removed = await vault.SweepOrphansAsync(CancellationToken.None);
        await fixture.Test.Store.WriteAsync(
            async transaction =>
            {
                await vault.AdmitAsync(transaction, staged, "cas_1", Palisade.Audit.Actor.Palisade);
                return 0;
            },
            CancellationToken.None);

        Assert.Equal(0, removed);
        Assert.Equal([1], await fixture.OpenAsync(staged.Id));
    }

    [Theory, StoreEngines]
    public async Task Without_a_sealing_key_nothing_is_taken_until_somebody_makes_one(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);
        using var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, CancellationToken.None);
        var audit = new Palisade.Audit.AuditLog(test.Store, bankKey, TimeProvider.System);
        using var keys = await SealingKeys.OpenAsync(test.Store, bankKey, audit, TimeProvider.System, CancellationToken.None);
        var vault = new EvidenceVault(test.Store, keys, audit, Path.Combine(test.Folder, EvidenceVault.FolderName), TimeProvider.System);

        var before = await vault.CanTakeAsync(CancellationToken.None);
        await Assert.ThrowsAsync<NoSealingKeyException>(() => vault.StageAsync(new byte[] { 1 }, VaultFixture.Facts(), CancellationToken.None));
        using var others = await TestKeys.CreateSealedAsync(test.Store, bankKey, audit, TimeProvider.System);
        var after = await vault.CanTakeAsync(CancellationToken.None);

        Assert.Equal((false, true), (before, after));
        Assert.False(Directory.Exists(Path.Combine(test.Folder, EvidenceVault.FolderName)));
    }

    [Fact]
    public async Task Nothing_of_what_was_taken_can_be_found_on_the_disk()
    {
        await using var fixture = await VaultFixture.CreateAsync(TestEngine.Sqlite);
        var marker = "a marker that nobody writes by chance 7f3a"u8.ToArray();
        using var staged = await fixture.Vault.StageAsync(marker, VaultFixture.Facts("marker-file-name.jpg"), CancellationToken.None);
        await fixture.AdmitAsync(staged);
        await fixture.OpenAsync(staged.Id);

        byte[][] planted =
        [
            marker, "marker-file-name"u8.ToArray(), "uploader-77"u8.ToArray(), "192.0.2.7"u8.ToArray(), staged.Sha256,
            System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(staged.Sha256)),
            System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(staged.Sha256)),
        ];

        foreach (var file in Directory.GetFiles(fixture.Test.Folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Assert.All(planted, one => Assert.Equal(-1, bytes.AsSpan().IndexOf(one)));
        }
    }

    private static async Task<string> PathOfAsync(VaultFixture fixture, EvidenceId id) => Path.Combine(
        fixture.Folder, EvidenceFolder.NameOf((await fixture.Vault.FindAsync(id, CancellationToken.None))!.SealedSha256));

    /// <summary>A time of day that somebody sets, over a count of ticks that goes on as it was.</summary>
    private sealed class JumpingClock : TimeProvider
    {
        public DateTimeOffset TimeOfDay { get; set; } = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => TimeOfDay;
    }
}
