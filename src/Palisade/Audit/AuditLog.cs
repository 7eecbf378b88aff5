using System.Data.Common;
using System.Threading.Channels;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// The history that cannot be rewritten quietly. Where an act is a change of the store its entry commits in the same
/// transaction; where the act is outside (bytes leaving, destruction, keys) the entry commits first and a result follows.
/// </summary>
/// <remarks>
/// Entries that are recorded at the same time share one commit. The queue of those that wait is bounded. What if it is full:
/// callers wait, and their tokens still work. What at shutdown and after a crash: an entry counts once its task completed,
/// and nobody acts before that.
/// </remarks>
public sealed class AuditLog(Store store, BankKey key, TimeProvider clock)
{
    /// <summary>Name of the sequence that numbers entries, from 1, and of the bell that rings after a commit.</summary>
    public const string Name = "audit";

    private const int MostWaiting = 8192;
    private const int MostInCommit = 2048;

    private readonly AuditTable _table = new(key);
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>1 while somebody writes what waits. Nobody does while nothing waits, so there is nothing to close.</summary>
    private int _isWriting;

    private volatile string? _closedBecause;

    /// <summary>
    /// Why entries that announce an act outside the store are refused; null while all is well. Entries in a transaction of
    /// the store are taken all the same, so that uploads are matched and held.
    /// </summary>
    public string? ClosedBecause => _closedBecause;

    public AuditActors Actors => _table.Actors;

    internal AuditTable Table => _table;

    internal Store Store => store;

    /// <summary>Adds an entry to the transaction that is the act itself.</summary>
    /// <remarks>
    /// The transaction holds the log's number from here to its commit, and other writers wait: do it last, after numbers of
    /// any other sequence were taken.
    /// </remarks>
    /// <returns>The entry's number.</returns>
    public Task<long> AppendAsync(DbTransaction transaction, AuditEntry entry) => AppendAsync(transaction, [entry]);

    /// <summary>Adds entries to the transaction that is the act itself, one after the other.</summary>
    /// <returns>The number of the first.</returns>
    public async Task<long> AppendAsync(DbTransaction transaction, IReadOnlyList<AuditEntry> entries)
    {
        foreach (var entry in entries)
        {
            AuditEntry.Check(entry);
        }

        return await _table.AppendAsync(transaction, entries, clock);
    }

    /// <summary>Puts an entry on stable storage by itself; the act may begin when the task has completed.</summary>
    /// <param name="cancellationToken">Heeded until the entry is in the queue; from then on it is written.</param>
    /// <exception cref="AuditUnavailableException">The log took no entry, so the act must not happen.</exception>
    public async Task<long> RecordAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        AuditEntry.Check(entry);
        if (_closedBecause is { } reason)
        {
            throw new AuditUnavailableException(reason);
        }

        var waiting = new Waiting(entry);
        await _waiting.Writer.WriteAsync(waiting, cancellationToken);
        if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0)
        {
            _ = Task.Run(WriteWaitingAsync, CancellationToken.None);
        }

        return await waiting.Completion.Task;
    }

    public Task<AuditRecord?> FindAsync(long number, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => _table.FindAsync(connection, number), cancellationToken);

    /// <summary>The newest entries that fit, oldest of them first.</summary>
    public Task<IReadOnlyList<AuditRecord>> ListAsync(AuditFilter filter, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => _table.ListAsync(connection, filter, limit), cancellationToken);

    /// <summary>Number of the last entry, 0 when there is none.</summary>
    public Task<long> LastNumberAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(connection => Sequences.LastAsync(connection, Name), cancellationToken);

    /// <summary>The names behind the pseudonyms, as far as they are known. Reading them is itself on the log.</summary>
    public async Task<IReadOnlyDictionary<string, string>> RevealNamesAsync(
        Actor by, string? reason, CancellationToken cancellationToken)
    {
        await RecordAsync(
            new AuditEntry { Action = "audit.names-read", Actor = by, Subject = "audit/actors", Reason = reason }, cancellationToken);
        return await store.ReadAsync(Actors.NamesAsync, cancellationToken);
    }

    /// <summary>Forgets whose a pseudonym is; the log stays as it was.</summary>
    /// <returns>False when it was not known.</returns>
    public Task<bool> ForgetNameAsync(string pseudonym, Actor by, CancellationToken cancellationToken) => store.WriteAsync(
        async transaction =>
        {
            if (!await AuditActors.ForgetAsync(transaction, pseudonym))
            {
                return false;
            }

            await AppendAsync(
                transaction, new AuditEntry { Action = "audit.name-forgotten", Actor = by, Subject = "actor/" + pseudonym });
            return true;
        },
        cancellationToken);

    /// <summary>Takes no more entries that announce an act outside the store.</summary>
    internal void Close(string reason) => _closedBecause = reason;

    internal void Open() => _closedBecause = null;

    /// <summary>Writes in groups until nobody waits. There is never a second one at the same time.</summary>
    private async Task WriteWaitingAsync()
    {
        var group = new List<Waiting>();
        do
        {
            group.Clear();
            while (group.Count < MostInCommit && _waiting.Reader.TryRead(out var next))
            {
                group.Add(next);
            }

            if (group.Count > 0)
            {
                await WriteAsync(group);
            }
            else
            {
                Volatile.Write(ref _isWriting, 0);
            }
        }

        // One that came between the last look and the flag started nobody, so it is looked for once more.
        while (group.Count > 0 || (_waiting.Reader.Count > 0 && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0));
    }

    private async Task WriteAsync(List<Waiting> group)
    {
        try
        {
            var entries = group.ConvertAll(waiting => waiting.Entry);
            var first = await store.WriteAsync(
                transaction => _table.AppendAsync(transaction, entries, clock), CancellationToken.None);
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Completion.SetResult(first + i);
            }
        }
        catch (Exception error)
        {
            foreach (var waiting in group)
            {
                waiting.Completion.SetException(new AuditUnavailableException(
                    "The audit log took no entry, so this was not done. Look at the disk and the store, then try again. " +
                    "Uploads are matched and held meanwhile.",
                    error));
            }
        }

        store.Feeds.Ring(Name);
    }

    private sealed record Waiting(AuditEntry Entry)
    {
        public TaskCompletionSource<long> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
