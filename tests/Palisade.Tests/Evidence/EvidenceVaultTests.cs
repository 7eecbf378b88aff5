using System.Security.Cryptography;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Testing;

namespace Palisade.Tests.Evidence;

public sealed class EvidenceVaultTests
{
    [Theory, StoreEngines]
    public async Task What_was_taken_comes_back_bit_for_bit_with_its_facts(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var bytes = RandomNumberGenerator.GetBytes(700_001);

        var id = await fixture.TakeAsync(bytes);

        Assert.Equal(bytes, await fixture.OpenAsync(id));
        var facts = await fixture.Vault.FactsAsync(id, VaultFixture.Reviewer, "deciding", CancellationToken.None);
        Assert.Equivalent(VaultFixture.Facts(), facts, strict: true);
        var record = Assert.Single(await fixture.Vault.ListAsync("cas_1", CancellationToken.None));
        Assert.Equal((id, 700_001, EvidenceState.Sealed), (record.Id, record.SizeBytes, record.State));
    }

    [Theory, StoreEngines]
    public async Task Every_look_is_on_the_log_before_and_after(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var id = await fixture.TakeAsync([1, 2, 3]);
        var seenAtFirstByte = -1;
        await using var destination = new NotingStream(async () => seenAtFirstByte = (await OfEvidenceAsync(fixture, id)).Count);

        await fixture.Vault.OpenAsync(id, destination, VaultFixture.Reviewer, "looking", CancellationToken.None);

        var log = await OfEvidenceAsync(fixture, id);
        Assert.Equal(["evidence.sealed", "evidence.opened", "evidence.closed"], log.Select(entry => entry.Action));
        Assert.Equal(2, seenAtFirstByte);
        Assert.Equal(log[1].Number, log[2].ResultOf);
        Assert.Equal("whole, 3 bytes", log[2].Reason);
        Assert.Equal(SHA256.HashData(await File.ReadAllBytesAsync(Directory.GetFiles(fixture.Folder).Single())), log[0].Digest);
    }

    [Theory, StoreEngines]
    public async Task A_sealed_service_takes_evidence_and_opens_none(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        await fixture.Keys.SealAsync(VaultFixture.Reviewer, "end of the shift", CancellationToken.None);

        var id = await fixture.TakeAsync([1, 2, 3]);

        await Assert.ThrowsAsync<SealedServiceException>(() => fixture.OpenAsync(id));
        await Assert.ThrowsAsync<SealedServiceException>(
            () => fixture.Vault.FactsAsync(id, VaultFixture.Reviewer, "deciding", CancellationToken.None));
        Assert.Equal(
            "refused, the service is sealed, 0 bytes",
            (await OfEvidenceAsync(fixture, id)).Last(entry => entry.Action == "evidence.closed" && entry.Reason!.Contains("bytes", StringComparison.Ordinal)).Reason);
        using var secret = TestKeys.NewSecret();
        Assert.Null(await fixture.Keys.UnsealAsync(secret, VaultFixture.Reviewer, "a case", CancellationToken.None));
        Assert.Equal([1, 2, 3], await fixture.OpenAsync(id));
    }

    [Theory, StoreEngines]
    public async Task What_is_staged_and_never_admitted_cannot_be_opened_by_anybody(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);

        var staged = await fixture.Vault.StageAsync("a picture"u8.ToArray(), VaultFixture.Facts(), CancellationToken.None);
        staged.Dispose();

        Assert.Single(Directory.GetFiles(fixture.Folder));
        Assert.Null(await fixture.Vault.FindAsync(staged.Id, CancellationToken.None));
        await Assert.ThrowsAsync<EvidenceUnavailableException>(() => fixture.OpenAsync(staged.Id));
        Assert.Empty(await fixture.Vault.ListAsync("cas_1", CancellationToken.None));
    }

    [Theory, StoreEngines]
    public async Task Destroyed_evidence_opens_no_more_even_from_a_copy_of_its_file(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var id = await fixture.TakeAsync([1, 2, 3]);
        var file = Directory.GetFiles(fixture.Folder).Single();
        var copy = await File.ReadAllBytesAsync(file);

        var destroyed = await fixture.Test.Store.WriteAsync(
            transaction => fixture.Vault.ForgetKeyAsync(transaction, id), CancellationToken.None);
        var hadBytes = fixture.Vault.RemoveBytes(destroyed!);
        await File.WriteAllBytesAsync(file, copy);

        Assert.True(hadBytes);
        await Assert.ThrowsAsync<EvidenceUnavailableException>(() => fixture.OpenAsync(id));
        Assert.Null(await fixture.Keys.FindKeptAsync(EvidenceVault.BoundOf(id, SealedPurpose.Original), CancellationToken.None));
        Assert.Null(await fixture.Keys.FindKeptAsync(EvidenceVault.BoundOf(id, SealedPurpose.Facts), CancellationToken.None));
        Assert.Equal(EvidenceState.Destroyed, (await fixture.Vault.FindAsync(id, CancellationToken.None))!.State);
    }

    private static async Task<IReadOnlyList<AuditRecord>> OfEvidenceAsync(VaultFixture fixture, EvidenceId id) =>
        [.. (await fixture.LogAsync()).Where(entry => entry.Subject == $"evidence/{id}")];

    private sealed class NotingStream(Func<Task> beforeFirst) : MemoryStream
    {
        private bool _isNoted;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_isNoted)
            {
                _isNoted = true;
                await beforeFirst();
            }

            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
