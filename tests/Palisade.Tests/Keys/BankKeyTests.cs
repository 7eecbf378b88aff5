using Palisade.Banks;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;
using Palisade.Tests.Banks;

namespace Palisade.Tests.Keys;

public sealed class BankKeyTests
{
    [Theory, StoreEngines]
    public async Task The_key_file_is_made_once_and_for_its_owner_only(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);
        var path = Path.Combine(test.Folder, BankKey.FileName);

        (await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default)).Dispose();
        var first = await File.ReadAllBytesAsync(path);
        (await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default)).Dispose();

        Assert.Equal(32, first.Length);
        Assert.Equal(first, await File.ReadAllBytesAsync(path));
        Assert.True(
            OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.DoesNotContain(Directory.GetFiles(test.Folder), file => Path.GetFileName(file).StartsWith('.'));
    }

    [Theory, StoreEngines]
    public async Task A_lost_key_is_refused_and_no_new_one_takes_its_place(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);
        (await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default)).Dispose();
        var path = Path.Combine(test.Folder, BankKey.FileName);
        File.Delete(path);

        var refusal = await Assert.ThrowsAsync<StoreUnusableException>(
            () => BankKey.OpenOrCreateAsync(test.Folder, test.Store, default));

        Assert.Contains("Put the file back from its backup", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Theory, StoreEngines]
    public async Task Another_stores_key_and_a_cut_key_are_refused(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);
        (await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default)).Dispose();
        var path = Path.Combine(test.Folder, BankKey.FileName);

        await File.WriteAllBytesAsync(path, new byte[32]);
        var wrong = await Assert.ThrowsAsync<StoreUnusableException>(() => BankKey.OpenOrCreateAsync(test.Folder, test.Store, default));
        await File.WriteAllBytesAsync(path, new byte[31]);
        var cut = await Assert.ThrowsAsync<StoreUnusableException>(() => BankKey.OpenOrCreateAsync(test.Folder, test.Store, default));

        Assert.Contains("not the key of this store", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("31 bytes", cut.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sealed_value_opens_only_in_its_own_place_and_unchanged()
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        using var cipher = key.NewCipher();
        var value = BankFixture.Pdq(1);
        var (bank, signal) = (new BankId(1), new SignalId(2));
        var sealedValue = cipher.Seal(bank, signal, value);

        Assert.Equal(value, cipher.Open(bank, signal, SignalType.Pdq, sealedValue));
        Assert.Throws<StoreUnusableException>(() => cipher.Open(new BankId(2), signal, SignalType.Pdq, sealedValue));
        Assert.Throws<StoreUnusableException>(() => cipher.Open(bank, new SignalId(3), SignalType.Pdq, sealedValue));
        Assert.Throws<StoreUnusableException>(() => cipher.Open(bank, signal, SignalType.Sha256, sealedValue));
        for (var at = 0; at < sealedValue.Length; at++)
        {
            var changed = sealedValue.ToArray();
            changed[at] ^= 1;
            Assert.Throws<StoreUnusableException>(() => cipher.Open(bank, signal, SignalType.Pdq, changed));
            Assert.Throws<StoreUnusableException>(() => cipher.Open(bank, signal, SignalType.Pdq, sealedValue.AsSpan(0, at)));
        }
    }
}
