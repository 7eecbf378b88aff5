using System.Data.Common;
using Dapper;
using Npgsql;

namespace Palisade.Storage;

/// <summary>
/// Brings the tables up to date: all that are missing, in order, in one transaction, under a lock that holds across
/// processes and nodes.
/// </summary>
internal sealed class Migrations(IReadOnlyList<Migration> known, TimeProvider clock)
{
    /// <returns>How many were applied.</returns>
    /// <exception cref="StoreUnusableException">An applied migration is unknown here or was changed since.</exception>
    public async Task<int> ApplyAsync(DbTransaction transaction)
    {
        var connection = transaction.Connection!;

        // SQLite's write transaction is the lock; PostgreSQL gets one that ends with the transaction.
        if (connection is NpgsqlConnection)
        {
            await connection.ExecuteAsync(
                "SELECT pg_advisory_xact_lock(hashtext('palisade.migrations.' || current_schema()))", transaction: transaction);
        }

        await connection.ExecuteAsync(
            """
            CREATE TABLE IF NOT EXISTS migration (
                number BIGINT NOT NULL PRIMARY KEY,
                name TEXT NOT NULL,
                checksum TEXT NOT NULL,
                applied_at BIGINT NOT NULL
            )
            """,
            transaction: transaction);
        var applied = (await connection.QueryAsync<AppliedMigration>(
            "SELECT number, name, checksum FROM migration ORDER BY number", transaction: transaction))
            .ToDictionary(row => row.Number);

        Check(applied);
        var missing = known.Where(migration => !applied.ContainsKey(migration.Number)).ToList();
        foreach (var migration in missing)
        {
            await connection.ExecuteAsync(Dialect.Of(connection).Translate(migration.Sql), transaction: transaction);
            await connection.ExecuteAsync(
                "INSERT INTO migration (number, name, checksum, applied_at) VALUES (@Number, @Name, @Checksum, @at)",
                new { migration.Number, migration.Name, migration.Checksum, at = clock.GetUtcNow().ToUnixTimeMilliseconds() },
                transaction);
        }

        return missing.Count;
    }

    /// <summary>Refuses a store that was not brought up to date, without bringing it there.</summary>
    /// <returns>How many migrations it has.</returns>
    /// <exception cref="StoreUnusableException">It is older, newer or changed.</exception>
    public async Task<int> CheckCompleteAsync(DbConnection connection)
    {
        Dictionary<long, AppliedMigration> applied;
        try
        {
            applied = (await connection.QueryAsync<AppliedMigration>("SELECT number, name, checksum FROM migration"))
                .ToDictionary(row => row.Number);
        }
        catch (DbException error)
        {
            throw new StoreUnusableException(
                "The store's list of migrations cannot be read: it is damaged, or no store of Palisade. Restore it from a backup.", error);
        }

        Check(applied);
        if (known.FirstOrDefault(migration => !applied.ContainsKey(migration.Number)) is { } missing)
        {
            throw new StoreUnusableException(
                $"The store was written by an older Palisade and lacks {missing.Name}. Start this version on it once (any " +
                "command that writes), or use the version that made it.");
        }

        return applied.Count;
    }

    private void Check(Dictionary<long, AppliedMigration> applied)
    {
        var knownByNumber = known.ToDictionary(migration => migration.Number);
        foreach (var row in applied.Values)
        {
            if (!knownByNumber.TryGetValue(row.Number, out var migration))
            {
                throw new StoreUnusableException(
                    $"The store was written by a newer Palisade: it holds migration {row.Name}, which this program does not " +
                    "know. Run the newer version, or restore the backup made before the upgrade.");
            }

            if (!string.Equals(migration.Checksum, row.Checksum, StringComparison.Ordinal))
            {
                throw new StoreUnusableException(
                    $"Migration {row.Name} was applied to this store with another text than this program carries. Run the " +
                    "version that made the store; a released migration is never edited, a change is a new number.");
            }
        }
    }

    private sealed record AppliedMigration(long Number, string Name, string Checksum);
}
