using System.Data.Common;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// The history that cannot be rewritten quietly. Where an act is a change of the store its entry commits in the same
/// transaction; where the act is outside (bytes leaving, destruction, keys) the entry commits first and a result follows.
/// </summary>
public sealed class AuditLog(Store store, TimeProvider clock)
{
    /// <summary>Name of the sequence that numbers entries, from 1.</summary>
    public const string Name = "audit";

    /// <summary>Adds an entry to the transaction that is the act itself.</summary>
    /// <returns>The entry's number.</returns>
    public Task<long> AppendAsync(DbTransaction transaction, AuditEntry entry) =>
        throw Unfilled(store, clock, transaction, entry);

    /// <summary>Puts an entry on stable storage by itself; the act may begin when the task has completed.</summary>
    /// <exception cref="AuditUnavailableException">The log took no entry, so the act must not happen.</exception>
    public Task<long> RecordAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        throw Unfilled(entry, cancellationToken);

    private static NotSupportedException Unfilled(params object?[] used) => new(FormattableString.Invariant($"{used.Length} parameters, no body yet."));
}
