using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Palisade.Audit;

namespace Palisade.Keys;

/// <summary>How a rotation ended.</summary>
/// <param name="Rewrapped">Wrapped keys that this run moved.</param>
/// <param name="Damaged">What does not open and so stays where it is; while there is one the old key is not retired.</param>
/// <param name="IsRetired">Whether the old private half is destroyed.</param>
public sealed record RotationResult(long Rewrapped, IReadOnlyList<string> Damaged, bool IsRetired);

/// <summary>
/// Replaces the sealing key: a new pair, every wrapped key wrapped anew, the old private half destroyed. Sealed bodies are
/// never touched.
/// </summary>
/// <remarks>
/// Three steps, each of which a crash may follow: the new pair is recorded (from then on new evidence is sealed with it); the
/// wrapped keys move in small transactions, so uploads go on meanwhile; the old half goes when nothing refers to it, which the
/// store itself checks. Run again, it goes on where it was.
/// </remarks>
public sealed class KeyRotation(SealingKeys keys)
{
    private const int KeysInTransaction = 200;

    /// <summary>What an approval of the next rotation is bound to: the key that it replaces.</summary>
    public async Task<(string Subject, byte[] Content)?> SubjectAsync(CancellationToken cancellationToken) =>
        await keys.Store.ReadAsync(keys.Table.NewestAsync, cancellationToken) is { } newest
            ? (SubjectOf(newest), newest.Digest)
            : null;

    /// <summary>Whether a rotation was begun and not brought to its end.</summary>
    public async Task<bool> IsUnfinishedAsync(CancellationToken cancellationToken) =>
        (await keys.Store.ReadAsync(connection => SealingKeyTable.PrivatesAsync(connection), cancellationToken)).Count > 1;

    /// <summary>Records the new pair, under the same operator's key.</summary>
    /// <param name="mayRotate">Asked in the very transaction, with the subject and content of <see cref="SubjectAsync"/>; its words refuse.</param>
    /// <returns>Null when begun, else why not, in words for the operator.</returns>
    public async Task<string?> BeginAsync(
        OperatorSecret secret,
        Func<DbTransaction, string, byte[], Task<string?>> mayRotate,
        Actor actor,
        CancellationToken cancellationToken)
    {
        var operatorKey = await keys.Store.ReadAsync(SealingKeyTable.OperatorKeyAsync, cancellationToken);
        if (operatorKey is null)
        {
            return SealingKeys.NoKeyYet;
        }

        if (!operatorKey.TryOpen(secret, out var key, out var reason))
        {
            return reason;
        }

        try
        {
            return await keys.Store.WriteAsync(
                transaction => BeginAsync(transaction, operatorKey, key, mayRotate, actor), cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            await keys.RefreshAsync(CancellationToken.None);
        }
    }

    /// <summary>Moves every wrapped key to the newest sealing key, and retires the others once nothing needs them.</summary>
    /// <param name="progress">Gets how many were moved and how many there are to move.</param>
    /// <exception cref="SealedServiceException">The keys must be unsealed for this.</exception>
    public async Task<RotationResult> FinishAsync(Actor actor, IProgress<(long Done, long All)> progress, CancellationToken cancellationToken)
    {
        await keys.RefreshAsync(cancellationToken);
        if (!keys.IsUnsealed)
        {
            throw new SealedServiceException();
        }

        var newest = await keys.Store.ReadAsync(keys.Table.NewestAsync, cancellationToken) ?? throw new NoSealingKeyException();
        var damaged = new List<string>();
        var all = await keys.Store.ReadAsync(
            connection => connection.QuerySingleAsync<long>(
                "SELECT COUNT(*) FROM wrapped_key WHERE sealing_key < @Number", new { newest.Number }),
            cancellationToken);
        var (done, after) = (0L, "");
        while (await ReadAsync(newest.Number, after, cancellationToken) is { Count: > 0 } rows)
        {
            after = rows[^1].Bound;
            var moved = rows.Select(row => Rewrap(newest, row, damaged)).OfType<WrappedRow>().ToList();
            done += await keys.Store.WriteAsync(transaction => MoveAsync(transaction, newest.Number, moved), cancellationToken);
            progress.Report((done, all));
        }

        var isRetired = damaged.Count == 0 && await keys.Store.WriteAsync(
            transaction => RetireAsync(transaction, newest, actor), cancellationToken);
        return new RotationResult(done, damaged, isRetired);
    }

    private static string SubjectOf(SealingKey key) => string.Create(CultureInfo.InvariantCulture, $"sealing-key/{key.Number}");

    private static async Task<int> MoveAsync(DbTransaction transaction, long newest, List<WrappedRow> rows)
    {
        var moved = 0;
        foreach (var row in rows)
        {
            // Not moved when it was destroyed or moved by another run in the meantime.
            moved += await transaction.Connection!.ExecuteAsync(
                "UPDATE wrapped_key SET sealing_key = @newest, wrapped = @Wrapped WHERE bound = @Bound AND sealing_key = @SealingKey",
                new { newest, row.Wrapped, row.Bound, row.SealingKey },
                transaction);
        }

        return moved;
    }

    private async Task<string?> BeginAsync(
        DbTransaction transaction,
        OperatorKey operatorKey,
        byte[] key,
        Func<DbTransaction, string, byte[], Task<string?>> mayRotate,
        Actor actor)
    {
        var connection = transaction.Connection!;
        var newest = await keys.Table.NewestAsync(connection, transaction) ?? throw new NoSealingKeyException();
        if ((await SealingKeyTable.PrivatesAsync(connection, transaction)).Count > 1)
        {
            return "A rotation was begun and is not finished. Run it again without beginning another.";
        }

        if ((await SealingKeyTable.OperatorKeyAsync(connection, transaction))?.Number != operatorKey.Number)
        {
            return "The operator's key was changed by somebody else just now. Nothing was rotated.";
        }

        if (await mayRotate(transaction, SubjectOf(newest), newest.Digest) is { } refusal)
        {
            return refusal;
        }

        var (made, secret) = KeyCeremony.MakePair(newest.Number + 1, operatorKey.Number, key, keys.Clock.GetUtcNow());
        await keys.Table.AddAsync(transaction, made, secret);
        await keys.Audit.AppendAsync(
            transaction,
            KeyCeremony.Entry("key.rotation-begun", made, actor, string.Create(CultureInfo.InvariantCulture, $"replaces {newest.Number}")));
        return null;
    }

    private Task<IReadOnlyList<WrappedRow>> ReadAsync(long newest, string after, CancellationToken cancellationToken) =>
        keys.Store.ReadAsync<IReadOnlyList<WrappedRow>>(
            async connection => [.. await connection.QueryAsync<WrappedRow>(
                """
                SELECT bound, sealing_key AS SealingKey, wrapped FROM wrapped_key
                WHERE sealing_key < @newest AND bound > @after ORDER BY bound LIMIT @KeysInTransaction
                """,
                new { newest, after, KeysInTransaction })],
            cancellationToken);

    private WrappedRow? Rewrap(SealingKey newest, WrappedRow row, List<string> damaged)
    {
        byte[] dataKey;
        try
        {
            dataKey = keys.Unwrap(row.Wrapped, row.Bound);
        }
        catch (Storage.StoreUnusableException)
        {
            damaged.Add(row.Bound);
            return null;
        }

        var moved = row with { Wrapped = WrappedKey.Wrap(newest.Number, newest.Public, dataKey, row.Bound) };
        CryptographicOperations.ZeroMemory(dataKey);
        return moved;
    }

    /// <returns>False when something was sealed with an old key meanwhile: the next run moves that too.</returns>
    private async Task<bool> RetireAsync(DbTransaction transaction, SealingKey newest, Actor actor)
    {
        var connection = transaction.Connection!;
        if (await connection.QuerySingleAsync<long>(
                "SELECT COUNT(*) FROM wrapped_key WHERE sealing_key < @Number", new { newest.Number }, transaction) > 0)
        {
            return false;
        }

        // Beside this check the reference from wrapped_key refuses, for writers that have not committed yet.
        var publics = (await keys.Table.ReadAsync(connection, transaction)).ToDictionary(key => key.Number);
        foreach (var stored in (await SealingKeyTable.PrivatesAsync(connection, transaction)).Where(one => one.Number < newest.Number))
        {
            await connection.ExecuteAsync("DELETE FROM sealing_private WHERE number = @Number", new { stored.Number }, transaction);
            await keys.Audit.AppendAsync(transaction, KeyCeremony.Entry("key.retired", publics[stored.Number], actor, "its private half is destroyed"));
        }

        return true;
    }

    private sealed record WrappedRow(string Bound, long SealingKey, byte[] Wrapped);
}
