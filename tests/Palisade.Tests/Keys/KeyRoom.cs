using Dapper;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Testing;

namespace Palisade.Tests.Keys;

/// <summary>The keys room of a fresh store, with no sealing key yet.</summary>
internal sealed class KeyRoom : IAsyncDisposable
{
    private KeyRoom(TestStore test, BankKey bankKey, AuditLog audit, SealingKeys keys)
    {
        Test = test;
        BankKey = bankKey;
        Audit = audit;
        Keys = keys;
    }

    public TestStore Test { get; }

    public BankKey BankKey { get; }

    public AuditLog Audit { get; }

    public SealingKeys Keys { get; }

    public static async Task<KeyRoom> CreateAsync(TestEngine engine)
    {
        var test = await TestStore.CreateAsync(engine);
        var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var audit = new AuditLog(test.Store, bankKey, TimeProvider.System);
        return new KeyRoom(test, bankKey, audit, await SealingKeys.OpenAsync(test.Store, bankKey, audit, TimeProvider.System, default));
    }

    /// <summary>Makes the first pair and unseals.</summary>
    public async Task InitialiseAsync()
    {
        using var secret = TestKeys.NewSecret();
        Assert.Null(await new KeyCeremony(Keys).InitialiseAsync(secret, Actor.Palisade, default));
        Assert.Null(await Keys.UnsealAsync(secret, Actor.Palisade, "a test", default));
    }

    /// <summary>The same keys as another process sees them.</summary>
    public Task<SealingKeys> ReopenAsync() => SealingKeys.OpenAsync(Test.Store, BankKey, Audit, TimeProvider.System, default);

    public Task<int> ExecuteAsync(string sql, object? arguments = null) => Test.Store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(sql, arguments, transaction), default);

    public async ValueTask DisposeAsync()
    {
        Keys.Dispose();
        BankKey.Dispose();
        await Test.DisposeAsync();
    }
}
