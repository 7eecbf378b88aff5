using System.Text;
using Dapper;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Keys;

/// <summary>T6.4 of the security model, and what else happens to operators.</summary>
public sealed class SealingKeysTests
{
    private static readonly Actor Operator = Actor.CommandLine("olga");

    [Theory, StoreEngines]
    public async Task It_starts_sealed_and_only_three_right_shares_of_five_unseal_it(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        var (shares, refusal) = await new KeyCeremony(room.Keys).InitialiseWithSharesAsync(3, 5, Operator, default);
        var (others, _) = (await NewSharesAsync(engine), 0);
        Assert.Null(refusal);
        using var keys = await room.ReopenAsync();
        var wrapped = keys.Wrap(new byte[32], "thing/1");

        Assert.Throws<SealedServiceException>(() => keys.Unwrap(wrapped, "thing/1"));
        Assert.Contains("2 good shares were given and 3 are needed", await UnsealAsync(keys, shares[0], shares[4]), StringComparison.Ordinal);
        Assert.Contains("2 good shares", await UnsealAsync(keys, shares[0], shares[4], shares[4]), StringComparison.Ordinal);
        Assert.Contains("text 3 is share 2 of another key", await UnsealAsync(keys, shares[0], shares[4], others[1]), StringComparison.Ordinal);
        Assert.Contains("text 2 was mistyped or cut", await UnsealAsync(keys, shares[0], shares[1][..^1], shares[4]), StringComparison.Ordinal);
        Assert.Contains("share 2 was altered", await UnsealAsync(keys, shares[0], Altered(shares[1]), shares[4]), StringComparison.Ordinal);
        Assert.False(keys.IsUnsealed);

        Assert.Null(await UnsealAsync(keys, shares[3], shares[0], shares[4]));
        Assert.True(keys.IsUnsealed);
        Assert.Equal(new byte[32], keys.Unwrap(wrapped, "thing/1"));
    }

    [Theory, StoreEngines]
    public async Task A_wrong_passphrase_is_refused_and_both_tries_are_on_the_log(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        using var right = OperatorSecret.Passphrase("six words that nobody would guess");
        using var wrong = OperatorSecret.Passphrase("six words that nobody would gues");
        Assert.Null(await new KeyCeremony(room.Keys).InitialiseAsync(right, Operator, default));

        var refusal = await room.Keys.UnsealAsync(wrong, Operator, "morning", default);
        var second = await room.Keys.UnsealAsync(right, Operator, "morning", default);

        Assert.Equal("The passphrase is wrong.", refusal);
        Assert.Null(second);
        var log = await room.Audit.ListAsync(new AuditFilter { Action = "service." }, 100, default);
        Assert.Equal(
            ["service.unseal-asked", "service.unseal-refused", "service.unseal-asked", "service.unsealed"], log.Select(entry => entry.Action));
        Assert.Equal("by passphrase: morning", log[0].Reason);
        Assert.Equal(log[0].Number, log[1].ResultOf);
    }

    [Theory, StoreEngines]
    public async Task A_wrapped_key_opens_for_its_own_thing_alone_and_no_changed_one_does(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        await room.InitialiseAsync();
        var wrapped = room.Keys.Wrap(new byte[32], "evidence/a/1");

        Assert.Throws<StoreUnusableException>(() => room.Keys.Unwrap(wrapped, "evidence/b/1"));
        for (var i = 0; i < wrapped.Length; i++)
        {
            wrapped[i] ^= 1;
            Assert.ThrowsAny<Exception>(() => room.Keys.Unwrap(wrapped, "evidence/a/1"));
            wrapped[i] ^= 1;
        }

        Assert.Equal(WrappedKey.SizeBytes, wrapped.Length);
        Assert.Equal(new byte[32], room.Keys.Unwrap(wrapped, "evidence/a/1"));
    }

    [Theory, StoreEngines]
    public async Task A_public_half_that_somebody_put_into_the_store_is_not_sealed_with(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        await room.InitialiseAsync();
        await room.ExecuteAsync("UPDATE sealing_key SET public_key = @key", new { key = new byte[32].Select((_, i) => (byte)(i + 9)).ToArray() });

        await Assert.ThrowsAsync<StoreUnusableException>(() => room.ReopenAsync());
    }

    [Theory, StoreEngines]
    public async Task After_the_operators_key_was_changed_the_old_one_opens_nothing(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        await room.InitialiseAsync();
        var wrapped = room.Keys.Wrap(new byte[32], "thing/1");
        using var before = TestKeys.NewSecret();

        var (shares, refusal) = await new KeyCeremony(room.Keys).ChangeToSharesAsync(before, 2, 3, Operator, default);
        using var keys = await room.ReopenAsync();

        Assert.Null(refusal);
        Assert.Contains("opened by 2 of 3 shares", await keys.UnsealAsync(before, Operator, "x", default), StringComparison.Ordinal);
        Assert.Null(await UnsealAsync(keys, shares[2], shares[1]));
        Assert.Equal(new byte[32], keys.Unwrap(wrapped, "thing/1"));
    }

    [Theory, StoreEngines]
    public async Task A_lost_bank_key_comes_back_with_the_operators_key_and_not_without(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        await room.InitialiseAsync();
        var path = Path.Combine(room.Test.Folder, BankKey.FileName);
        var bytes = await File.ReadAllBytesAsync(path);
        using var secret = TestKeys.NewSecret();
        using var wrong = OperatorSecret.UnsafeDevelopmentFile("of another folder"u8);

        var present = await KeyCeremony.RecoverBankKeyAsync(room.Test.Folder, room.Test.Store, secret, default);
        File.Delete(path);
        var missing = await Assert.ThrowsAsync<StoreUnusableException>(
            () => BankKey.OpenOrCreateAsync(room.Test.Folder, room.Test.Store, default));
        var refused = await KeyCeremony.RecoverBankKeyAsync(room.Test.Folder, room.Test.Store, wrong, default);
        var recovered = await KeyCeremony.RecoverBankKeyAsync(room.Test.Folder, room.Test.Store, secret, default);

        Assert.Contains("not replaced", present, StringComparison.Ordinal);
        Assert.Contains("palisade key recover", missing.Message, StringComparison.Ordinal);
        Assert.NotNull(refused);
        Assert.Null(recovered);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));
    }

    [Theory, StoreEngines]
    public async Task A_short_passphrase_is_refused_and_a_second_pair_too(TestEngine engine)
    {
        await using var room = await KeyRoom.CreateAsync(engine);
        using var shortOne = OperatorSecret.Passphrase("elevenbytes");
        var ceremony = new KeyCeremony(room.Keys);

        Assert.Equal(KeyCeremony.TooShort, await ceremony.InitialiseAsync(shortOne, Operator, default));
        Assert.False(room.Keys.CanSeal);
        await room.InitialiseAsync();
        using var secret = TestKeys.NewSecret();
        Assert.Contains("already", await ceremony.InitialiseAsync(secret, Operator, default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_secret_is_in_the_store_in_any_log_line_or_in_any_text_of_ours()
    {
        await using var room = await KeyRoom.CreateAsync(TestEngine.Sqlite);
        const string Passphrase = "canary passphrase 4711 of this test";
        using var secret = OperatorSecret.Passphrase(Passphrase);
        Assert.Null(await new KeyCeremony(room.Keys).InitialiseAsync(secret, Operator, default));
        Assert.Null(await room.Keys.UnsealAsync(secret, Operator, "morning", default));
        var dataKey = Encoding.ASCII.GetBytes("canary data key of thirty-two by");
        await room.Test.Store.WriteAsync(
            async transaction =>
            {
                await room.Keys.KeepAsync(transaction, dataKey, "thing/1");
                return 0;
            },
            default);

        Assert.DoesNotContain(Passphrase, secret.ToString(), StringComparison.Ordinal);
        var bankKey = await File.ReadAllBytesAsync(Path.Combine(room.Test.Folder, BankKey.FileName));
        foreach (var file in Directory.GetFiles(room.Test.Folder).Where(file => Path.GetFileName(file) != BankKey.FileName))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Assert.All(
                new[] { Encoding.UTF8.GetBytes(Passphrase), dataKey, bankKey }, one => Assert.Equal(-1, bytes.AsSpan().IndexOf(one)));
        }
    }

    private static async Task<string?> UnsealAsync(SealingKeys keys, params string[] shares)
    {
        using var secret = OperatorSecret.Shares(shares);
        return await keys.UnsealAsync(secret, Operator, "a test", default);
    }

    private static async Task<IReadOnlyList<string>> NewSharesAsync(TestEngine engine)
    {
        await using var other = await KeyRoom.CreateAsync(engine);
        return (await new KeyCeremony(other.Keys).InitialiseWithSharesAsync(3, 5, Operator, default)).Shares;
    }

    /// <summary>A share with another content and a right checksum, as somebody who wants to spoil the unsealing would make it.</summary>
    private static string Altered(string text)
    {
        Assert.True(ShareText.TryRead(text, out var share));
        share.Share[5] ^= 0x40;
        return share.Write();
    }
}
