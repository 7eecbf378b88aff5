using System.Data.Common;
using Dapper;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks;

/// <summary>
/// The banks and their signals as records: made, changed, listed. Every change writes one line of the change log and one
/// of the audit log in the same transaction. What would silence a bank, or teach matching to look away, needs a second
/// person.
/// </summary>
public sealed class BankRegistry(Store store, BankKey key, AuditLog audit, ApprovalBook approvals, TimeProvider clock)
{
    private const int LongestOrigin = 500;

    /// <param name="settings">Name, owner and purpose are needed.</param>
    public Task<BankAnswer<Bank>> CreateAsync(BankSettings settings, Actor by, CancellationToken cancellationToken)
    {
        if (settings.Purpose is not { } purpose)
        {
            return Task.FromResult<BankAnswer<Bank>>(new BankRefused.BadSetting("purpose", "a new bank needs one."));
        }

        return ChangeAndLogAsync<Bank>(
            async transaction =>
            {
                var bank = settings.ApplyTo(new Bank
                {
                    Id = default,
                    Name = "",
                    Owner = "",
                    Purpose = purpose,
                    MaxDistanceBits = purpose == BankPurpose.NeverMatch ? 0 : PdqHash.DefaultMatchDistance,
                    CreatedAt = Now(),
                });
                if (BankRules.Refuse(bank) is { } refusal)
                {
                    return refusal;
                }

                // The number first: whoever holds the sequence is alone, so the name cannot be taken meanwhile.
                bank = bank with { Id = new BankId(await Sequences.TakeAsync(transaction, "bank")) };
                if (await BankTable.FindAsync(transaction.Connection!, bank.Name, transaction) is not null)
                {
                    return new BankRefused.NameTaken(bank.Name);
                }

                await BankTable.InsertAsync(transaction, bank);
                await LogAsync(transaction, BankChange.BankCreated, bank.Id, null, by);
                return bank;
            },
            cancellationToken);
    }

    /// <summary>Changes what the settings name and leaves the rest.</summary>
    /// <param name="approval">The second person's approval, which a change needs that silences the bank.</param>
    public Task<BankAnswer<Bank>> ChangeAsync(
        BankId id, BankSettings settings, long? approval, Actor by, CancellationToken cancellationToken) =>
        ChangeAndLogAsync<Bank>(
            async transaction =>
            {
                await Sequences.TakeAsync(transaction, "bank", count: 0);
                if (await BankTable.FindAsync(transaction.Connection!, id, transaction) is not { } before)
                {
                    return new BankRefused.NoSuchBank();
                }

                if (settings.Purpose is { } purpose && purpose != before.Purpose)
                {
                    return new BankRefused.BadSetting("purpose", "it cannot be changed; make a new bank for another purpose.");
                }

                var bank = settings.ApplyTo(before);
                if (BankRules.Refuse(bank) is { } refusal)
                {
                    return refusal;
                }

                if (bank.Name != before.Name &&
                    await BankTable.FindAsync(transaction.Connection!, bank.Name, transaction) is not null)
                {
                    return new BankRefused.NameTaken(bank.Name);
                }

                if (BankApproval.For(before, bank) is { } needed &&
                    await BankApproval.RefuseAsync(transaction, approvals, needed, approval, by) is { } notApproved)
                {
                    return notApproved;
                }

                await BankTable.UpdateAsync(transaction, bank);
                await LogAsync(transaction, BankChange.BankChanged, id, null, by);
                return bank;
            },
            cancellationToken);

    /// <summary>Changes what one person may change alone.</summary>
    public Task<BankAnswer<Bank>> ChangeAsync(BankId id, BankSettings settings, Actor by, CancellationToken cancellationToken) =>
        ChangeAsync(id, settings, approval: null, by, cancellationToken);

    /// <summary>
    /// Removes a bank in which every signal is withdrawn. One that still has signals is refused, and even an empty one is
    /// removed by two people.
    /// </summary>
    /// <param name="approval">The second person's approval; null asks what it must be for.</param>
    public Task<BankAnswer<Bank>> RemoveAsync(BankId id, long? approval, Actor by, CancellationToken cancellationToken) =>
        ChangeAndLogAsync<Bank>(
            async transaction =>
            {
                await Sequences.TakeAsync(transaction, SignalTable.Sequence, count: 0);
                if (await BankTable.FindAsync(transaction.Connection!, id, transaction) is not { } bank)
                {
                    return new BankRefused.NoSuchBank();
                }

                var open = await transaction.Connection!.QuerySingleAsync<long>(
                    """
                    SELECT (SELECT COUNT(*) FROM signal_now WHERE bank_id = @Number AND state <> 3) +
                           (SELECT COUNT(*) FROM bank_import WHERE bank_id = @Number AND state IN ('staging', 'staged'))
                    """,
                    id,
                    transaction);
                if (open > 0)
                {
                    return new BankRefused.NotEmpty(open);
                }

                if (await BankApproval.RefuseAsync(transaction, approvals, BankApproval.ToRemove(bank), approval, by) is { } refusal)
                {
                    return refusal;
                }

                await transaction.Connection!.ExecuteAsync(
                    "UPDATE bank SET removed_at = @now WHERE id = @id",
                    new { id = id.Number, now = Now().ToUnixTimeMilliseconds() },
                    transaction);
                await LogAsync(transaction, BankChange.BankRemoved, id, null, by);
                return bank;
            },
            cancellationToken);

    /// <summary>Says what the second person's approval of a removal must be for; nobody removes a bank alone.</summary>
    public Task<BankAnswer<Bank>> RemoveAsync(BankId id, Actor by, CancellationToken cancellationToken) =>
        RemoveAsync(id, approval: null, by, cancellationToken);

    /// <summary>All banks, by name.</summary>
    public Task<IReadOnlyList<Bank>> ListAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(BankTable.ListAsync, cancellationToken);

    public Task<Bank?> FindAsync(string name, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => BankTable.FindAsync(connection, name), cancellationToken);

    public Task<Bank?> FindAsync(BankId id, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => BankTable.FindAsync(connection, id), cancellationToken);

    /// <summary>
    /// How many signals of each state every bank has. Counts rows: about a second for some millions of signals.
    /// </summary>
    public Task<IReadOnlyDictionary<BankId, SignalCounts>> CountSignalsAsync(CancellationToken cancellationToken) =>
        store.ReadAsync(SignalCounts.ReadAsync, cancellationToken);

    /// <summary>Adds one signal, live at once.</summary>
    public async Task<BankAnswer<Signal>> AddSignalAsync(
        BankId bank, NewSignal signal, Actor by, CancellationToken cancellationToken) =>
        (await AddSignalsAsync(bank, [signal], approval: null, by, cancellationToken))[0];

    /// <summary>
    /// Adds some signals in one transaction (the hashes of one file), live at once. Each has its own answer, in order;
    /// one that is refused does not stop the others.
    /// </summary>
    /// <param name="approval">Needed for a bank of never-match entries.</param>
    public async Task<IReadOnlyList<BankAnswer<Signal>>> AddSignalsAsync(
        BankId bank, IReadOnlyList<NewSignal> signals, long? approval, Actor by, CancellationToken cancellationToken)
    {
        using var cipher = key.NewCipher();
        var answers = await store.WriteAsync<IReadOnlyList<BankAnswer<Signal>>>(
            async transaction =>
            {
                var firstId = await Sequences.TakeAsync(transaction, SignalTable.Sequence, signals.Count);
                if (await BankTable.FindAsync(transaction.Connection!, bank, transaction) is not { } into)
                {
                    return [.. signals.Select(_ => (BankAnswer<Signal>)new BankRefused.NoSuchBank())];
                }

                if (into.Purpose == BankPurpose.NeverMatch && await BankApproval.RefuseAsync(
                    transaction, approvals, BankApproval.ToAdd(into, signals), approval, by) is { } refusal)
                {
                    return [.. signals.Select(_ => (BankAnswer<Signal>)refusal)];
                }

                var given = new List<BankAnswer<Signal>>(signals.Count);
                foreach (var wish in signals)
                {
                    given.Add(await AddOneAsync(transaction, into, new SignalId(firstId + given.Count), wish, cipher, by));
                }

                return given;
            },
            cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return answers;
    }

    /// <summary>Adds signals that need no second person, or is refused because they do.</summary>
    public Task<IReadOnlyList<BankAnswer<Signal>>> AddSignalsAsync(
        BankId bank, IReadOnlyList<NewSignal> signals, Actor by, CancellationToken cancellationToken) =>
        AddSignalsAsync(bank, signals, approval: null, by, cancellationToken);

    /// <summary>One page of a bank's signals, oldest first, withdrawn ones included.</summary>
    /// <param name="after">The last signal of the page before; default for the first page.</param>
    /// <param name="limit">1 to 10,000.</param>
    public async Task<IReadOnlyList<Signal>> ListSignalsAsync(
        BankId bank, SignalId after, int limit, CancellationToken cancellationToken)
    {
        using var cipher = key.NewCipher();
        return await store.ReadAsync(
            connection => SignalTable.PageAsync(connection, bank, after, Math.Clamp(limit, 1, 10_000), cipher),
            cancellationToken);
    }

    public async Task<Signal?> FindSignalAsync(SignalId id, CancellationToken cancellationToken)
    {
        using var cipher = key.NewCipher();
        return await store.ReadAsync(connection => SignalTable.FindAsync(connection, id, cipher), cancellationToken);
    }

    /// <summary>
    /// Sets where a signal stands: live (which also revives a withdrawn one and ends probation), on probation, disabled
    /// until a moment, withdrawn.
    /// </summary>
    /// <param name="disabledUntil">Needed for disabled, and must lie ahead; ignored otherwise.</param>
    /// <param name="approval">Needed to withdraw the last signal of a bank, and to make a never-match entry live.</param>
    public async Task<BankAnswer<Signal>> SetSignalStateAsync(
        SignalId id,
        SignalState state,
        DateTimeOffset? disabledUntil,
        long? approval,
        Actor by,
        CancellationToken cancellationToken)
    {
        if (state == SignalState.Disabled && !(disabledUntil > Now()))
        {
            return new BankRefused.BadSetting("disabledUntil", "say until when, as a moment that lies ahead.");
        }

        var until = state == SignalState.Disabled ? disabledUntil?.ToUnixTimeMilliseconds() : null;
        using var cipher = key.NewCipher();
        return await ChangeAndLogAsync<Signal>(
            async transaction =>
            {
                var connection = transaction.Connection!;
                await Sequences.TakeAsync(transaction, SignalTable.Sequence, count: 0);
                if (await SignalTable.FindAsync(connection, id, cipher, transaction) is not { } signal)
                {
                    return new BankRefused.NoSuchSignal();
                }

                if (await BankApproval.ForAsync(transaction, signal, state) is { } needed &&
                    await BankApproval.RefuseAsync(transaction, approvals, needed, approval, by) is { } refusal)
                {
                    return refusal;
                }

                // A withdrawal by a list that is live is overruled; one that is only staged still waits for its list.
                await connection.ExecuteAsync(
                    """
                    UPDATE signal SET state = @state, disabled_until = @until, withdraw_import_id =
                        (SELECT i.id FROM bank_import i WHERE i.id = signal.withdraw_import_id AND i.state <> 'live')
                    WHERE id = @id
                    """,
                    new { id = id.Number, state = (long)state, until },
                    transaction);
                await LogAsync(transaction, KindOf(state), signal.Bank, id, by);
                return (await SignalTable.FindAsync(connection, id, cipher, transaction))!;
            },
            cancellationToken);
    }

    /// <summary>Sets a state that needs no second person, or is refused because it does.</summary>
    public Task<BankAnswer<Signal>> SetSignalStateAsync(
        SignalId id, SignalState state, DateTimeOffset? disabledUntil, Actor by, CancellationToken cancellationToken) =>
        SetSignalStateAsync(id, state, disabledUntil, approval: null, by, cancellationToken);

    /// <summary>Takes a signal back for good measure; its row stays, so that the history is whole.</summary>
    public Task<BankAnswer<Signal>> WithdrawAsync(SignalId id, Actor by, CancellationToken cancellationToken) =>
        SetSignalStateAsync(id, SignalState.Withdrawn, null, by, cancellationToken);

    /// <summary>The change log after a sequence number, at most <paramref name="limit"/> lines.</summary>
    public Task<IReadOnlyList<BankChange>> ChangesAfterAsync(long sequence, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => BankChangeLog.AfterAsync(connection, sequence, limit), cancellationToken);

    private static string KindOf(SignalState state) => state switch
    {
        SignalState.Live => BankChange.SignalLive,
        SignalState.Disabled => BankChange.SignalDisabled,
        SignalState.Withdrawn => BankChange.SignalWithdrawn,
        _ => BankChange.SignalPutOnProbation,
    };

    /// <summary>Adds one within a transaction that stands in the line of signals, where no second person is needed.</summary>
    internal async Task<BankAnswer<Signal>> AddOneAsync(
        DbTransaction transaction, Bank bank, SignalId id, NewSignal wish, SignalCipher cipher, Actor by)
    {
        if (wish.Origin.Length > LongestOrigin)
        {
            return new BankRefused.BadSetting("origin", $"at most {LongestOrigin} characters.");
        }

        if (wish.Quality is < 0 or > 100)
        {
            return new BankRefused.BadSetting("quality", "0 to 100.");
        }

        if (SignalRules.Refuse(bank, wish.Value, wish.Quality) is { } refusal)
        {
            return refusal;
        }

        var valueKey = cipher.EqualityKeyOf(bank.Id, wish.Value);
        if (await MakeRoomAsync(transaction, valueKey, cipher) is { } there)
        {
            return new BankRefused.AlreadyThere(there.Id, there.State);
        }

        var signal = new Signal
        {
            Id = id,
            Bank = bank.Id,
            Value = wish.Value,
            Profile = wish.Value.Type == SignalType.Pdq ? wish.Profile ?? PdqProfile.Full : null,
            Quality = wish.Value.Type == SignalType.Pdq ? wish.Quality : null,
            Origin = wish.Origin,
            State = SignalState.Live,
            AddedAt = Now(),
        };
        await Dialect.InsertRowsAsync(
            transaction, "signal", SignalTable.Columns, [SignalTable.RowOf(signal, cipher, valueKey, import: null)]);
        await LogAsync(transaction, BankChange.SignalAdded, bank.Id, id, by);
        return signal;
    }

    /// <summary>
    /// Finds the signal that has this value already. A row of a list that is not live counts for nothing yet: it gives way,
    /// since what a person adds by hand must act now and not when the list does.
    /// </summary>
    private static async Task<Signal?> MakeRoomAsync(DbTransaction transaction, byte[] valueKey, SignalCipher cipher)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleOrDefaultAsync<long?>(
            "SELECT id FROM signal WHERE value_key = @valueKey", new { valueKey }, transaction) is not { } id)
        {
            return null;
        }

        if (await SignalTable.FindAsync(connection, new SignalId(id), cipher, transaction) is { } there)
        {
            return there;
        }

        await connection.ExecuteAsync(
            """
            UPDATE bank_import SET added = added - 1, already_there = already_there + 1
            WHERE id = (SELECT import_id FROM signal WHERE id = @id);
            DELETE FROM signal WHERE id = @id
            """,
            new { id },
            transaction);
        return null;
    }

    private Task LogAsync(DbTransaction transaction, string kind, BankId bank, SignalId? signal, Actor by) =>
        BankChangeLog.AppendAsync(transaction, audit, kind, bank, signal, import: null, Now(), by);

    private async Task<BankAnswer<T>> ChangeAndLogAsync<T>(
        Func<DbTransaction, Task<BankAnswer<T>>> change, CancellationToken cancellationToken)
        where T : class
    {
        var answer = await store.WriteAsync(change, cancellationToken);
        store.Feeds.Ring(BankChangeLog.Feed);
        return answer;
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
