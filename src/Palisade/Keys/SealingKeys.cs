using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// The pair under which data keys are wrapped. Everybody may seal with the public half; only an unsealed service opens.
/// </summary>
public sealed class SealingKeys : IDisposable
{
    /// <summary>Opens the keys of this store, or makes a first pair when there is none.</summary>
    /// <exception cref="StoreUnusableException">A key is missing or another store's; the text says what to do.</exception>
    public static Task<SealingKeys> OpenOrCreateAsync(
        string folder, Store store, BankKey bankKey, TimeProvider clock, CancellationToken cancellationToken) =>
        throw Unfilled(folder, store, bankKey, clock, cancellationToken);

    public bool IsUnsealed { get; }

    /// <summary>Wraps a data key for the newest sealing key. Possible while the service is sealed.</summary>
    /// <param name="bound">Id, purpose and version of the thing that the key opens; unwrapping needs the very same.</param>
    public byte[] Wrap(ReadOnlySpan<byte> dataKey, string bound) => throw Unfilled(dataKey.Length, bound);

    /// <exception cref="SealedServiceException">The private half is not in memory.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string bound) => throw Unfilled(wrapped.Length, bound);

    public void Dispose()
    {
    }

    private static NotSupportedException Unfilled(params object?[] used) => new(FormattableString.Invariant($"{used.Length} parameters, no body yet."));
}
