using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>Sealing keys for tests, opened by the kind of operator's key that costs no time and protects nothing.</summary>
public static class TestKeys
{
    public static OperatorSecret NewSecret() => OperatorSecret.UnsafeDevelopmentFile("of a test, never of use"u8);

    /// <summary>The keys of a store: made if there are none yet, and unsealed.</summary>
    public static async Task<SealingKeys> CreateUnsealedAsync(Store store, BankKey bankKey, AuditLog audit, TimeProvider clock)
    {
        var keys = await CreateSealedAsync(store, bankKey, audit, clock);
        using var secret = NewSecret();
        Assert.Null(await keys.UnsealAsync(secret, Actor.Palisade, "for a test", CancellationToken.None));
        return keys;
    }

    /// <summary>The keys of a store: made if there are none yet, and sealed.</summary>
    public static async Task<SealingKeys> CreateSealedAsync(Store store, BankKey bankKey, AuditLog audit, TimeProvider clock)
    {
        var keys = await SealingKeys.OpenAsync(store, bankKey, audit, clock, CancellationToken.None);
        if (!keys.CanSeal)
        {
            using var secret = NewSecret();
            Assert.Null(await new KeyCeremony(keys).InitialiseAsync(secret, Actor.Palisade, CancellationToken.None));
        }

        return keys;
    }
}
