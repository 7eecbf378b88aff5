using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Testing;
using Palisade.Tests.Evidence;

namespace Palisade.Tests.Keys;

public sealed class KeyRotationTests
{
    private static readonly Progress<(long Done, long All)> Unwatched = new();

    [Theory, StoreEngines]
    public async Task After_a_rotation_everything_opens_no_file_was_touched_and_the_old_key_is_gone(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var items = new Dictionary<EvidenceId, byte[]>();
        for (byte i = 0; i < 20; i++)
        {
            items[await fixture.TakeAsync([i, 1, 2])] = [i, 1, 2];
        }

        var files = Snapshot(fixture);
        var result = await RotateAsync(fixture);

        Assert.Equal((41, true), (result.Rewrapped, result.IsRetired));
        Assert.Empty(result.Damaged);
        Assert.Equal(files, Snapshot(fixture));
        Assert.Equal(
            [SealingKeyState.Retired, SealingKeyState.Newest], (await fixture.Keys.ListAsync(default)).Select(key => key.State));
        foreach (var (id, bytes) in items)
        {
            Assert.Equal(bytes, await fixture.OpenAsync(id));
        }

        Assert.Equal(
            ["key.made", "key.rotation-begun", "key.retired"],
            (await fixture.LogAsync()).Where(entry => entry.Action.StartsWith("key.", StringComparison.Ordinal)).Select(entry => entry.Action));
    }

    [Theory, StoreEngines]
    public async Task What_was_staged_before_a_rotation_is_admitted_after_it_under_the_new_key(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        using var staged = await fixture.Vault.StageAsync(new byte[] { 7 }, VaultFixture.Facts(), default);

        await RotateAsync(fixture);
        await fixture.AdmitAsync(staged);

        Assert.Equal([7], await fixture.OpenAsync(staged.Id));
        Assert.Equal([0, 3], (await fixture.Keys.ListAsync(default)).Select(key => (int)key.WrappedKeys));
    }

    [Theory, StoreEngines]
    public async Task Evidence_taken_and_destroyed_while_a_rotation_runs_is_right_afterwards(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var early = await TakeManyAsync(fixture, 150);
        await BeginAsync(fixture);
        using var stop = new CancellationTokenSource();
        var taken = new List<EvidenceId>();
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                taken.Add(await fixture.TakeAsync([3, 3, 3]));
            }
        });

        var destroyed = early[70];
        await fixture.Test.Store.WriteAsync(transaction => fixture.Vault.ForgetKeyAsync(transaction, destroyed), default);
        var result = await new KeyRotation(fixture.Keys).FinishAsync(Actor.Palisade, Unwatched, default);
        await stop.CancelAsync();
        await load;

        Assert.True(result.IsRetired);
        Assert.NotEmpty(taken);
        foreach (var id in early.Where(id => id != destroyed).Concat(taken))
        {
            Assert.Equal(3, (await fixture.OpenAsync(id)).Length);
        }

        await Assert.ThrowsAsync<EvidenceUnavailableException>(() => fixture.OpenAsync(destroyed));
    }

    [Theory, StoreEngines]
    public async Task A_damaged_wrapped_key_is_named_and_keeps_the_old_key_alive(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var ids = await TakeManyAsync(fixture, 3);
        var bound = EvidenceVault.BoundOf(ids[1], SealedPurpose.Original);
        var good = await fixture.Test.Store.ReadAsync(
            connection => Dapper.SqlMapper.QuerySingleAsync<byte[]>(connection, "SELECT wrapped FROM wrapped_key WHERE bound = @bound", new { bound }), default);
        var bad = (byte[])good.Clone();
        bad[50] ^= 1;
        await fixture.ExecuteAsync("UPDATE wrapped_key SET wrapped = @bad WHERE bound = @bound", new { bad, bound });

        var first = await RotateAsync(fixture);
        await fixture.ExecuteAsync("UPDATE wrapped_key SET wrapped = @good WHERE bound = @bound", new { good, bound });
        var second = await new KeyRotation(fixture.Keys).FinishAsync(Actor.Palisade, Unwatched, default);

        Assert.Equal([bound], first.Damaged);
        Assert.False(first.IsRetired);
        Assert.Equal((1, true), (second.Rewrapped, second.IsRetired));
        Assert.Equal([3, 3, 3], await fixture.OpenAsync(ids[1]));
    }

    [Theory, StoreEngines]
    public async Task Without_approval_or_with_a_wrong_secret_nothing_is_rotated(TestEngine engine)
    {
        await using var fixture = await VaultFixture.CreateAsync(engine);
        var rotation = new KeyRotation(fixture.Keys);
        using var secret = TestKeys.NewSecret();
        using var wrong = OperatorSecret.UnsafeDevelopmentFile("of another folder"u8);
        var asked = "";

        var refused = await rotation.BeginAsync(
            secret,
            (_, subject, content) =>
            {
                asked = $"{subject} {content.Length}";
                return Task.FromResult<string?>("Nobody approved this.");
            },
            Actor.Palisade,
            default);
        var mistaken = await rotation.BeginAsync(wrong, (_, _, _) => Task.FromResult<string?>(null), Actor.Palisade, default);

        Assert.Equal("Nobody approved this.", refused);
        Assert.Equal("sealing-key/1 32", asked);
        Assert.Contains("not the one", mistaken, StringComparison.Ordinal);
        Assert.Single(await fixture.Keys.ListAsync(default));
    }

    private static async Task<RotationResult> RotateAsync(VaultFixture fixture)
    {
        await BeginAsync(fixture);
        return await new KeyRotation(fixture.Keys).FinishAsync(Actor.Palisade, Unwatched, default);
    }

    private static async Task BeginAsync(VaultFixture fixture)
    {
        using var secret = TestKeys.NewSecret();
        Assert.Null(await new KeyRotation(fixture.Keys).BeginAsync(
            secret, (_, _, _) => Task.FromResult<string?>(null), Actor.Palisade, default));
        Assert.False(fixture.Keys.IsUnsealed);
        Assert.Null(await fixture.Keys.UnsealAsync(secret, Actor.Palisade, "to rotate", default));
    }

    private static async Task<List<EvidenceId>> TakeManyAsync(VaultFixture fixture, int count)
    {
        var ids = new List<EvidenceId>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(await fixture.TakeAsync([3, 3, 3]));
        }

        return ids;
    }

    private static List<(string Name, DateTime Changed, long Length)> Snapshot(VaultFixture fixture) =>
        [.. new DirectoryInfo(fixture.Folder).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => (file.Name, file.LastWriteTimeUtc, file.Length))];
}
