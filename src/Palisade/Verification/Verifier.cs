using System.Data.Common;
using Microsoft.Data.Sqlite;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Verification;

/// <summary>
/// Reads everything that Palisade stored and names each item that is damaged, missing or extra. Never writes: no byte and no
/// time in the data folder changes.
/// </summary>
/// <remarks>
/// Settings (palisade.json, the policy) are the operator's and not examined; nor are other files that lie in the data folder
/// itself. In the folders of evidence and log everything is.
/// </remarks>
public sealed class Verifier(StoreOptions options, TimeProvider clock)
{
    /// <param name="found">Told of each finding as it is made.</param>
    /// <param name="secret">
    /// Opens the sealing keys, so that evidence is also checked tag by tag; null leaves the service sealed. The caller has put
    /// the use of the key on the audit log.
    /// </param>
    /// <exception cref="StoreUnusableException">There is no store, its key is missing, or it is of another version.</exception>
    public async Task<VerificationReport> RunAsync(
        Action<Finding> found, IProgress<ByteProgress> progress, OperatorSecret? secret, CancellationToken cancellationToken)
    {
        var storeBytes = StoreBytes();
        var tally = new Tally(found, progress, storeBytes + Size(EvidenceVault.FolderName) + Size(AuditSequencer.FolderName));
        Store store;
        try
        {
            store = await Store.OpenReadOnlyAsync(options, cancellationToken);
        }
        catch (Exception error) when (error is SqliteException or StoreUnusableException { InnerException: DbException })
        {
            tally.Damaged("store " + SqliteEngine.FileName, "its definitions cannot be read: it is damaged, or no SQLite file any more");
            return tally.ToReport();
        }
        catch (StoreUnusableException) when (options.Postgres is null)
        {
            // Of another version, or one whose list of migrations was damaged: only the latter is a finding.
            if (await FindDamagedMigrationsAsync(tally, cancellationToken))
            {
                return tally.ToReport();
            }

            throw;
        }

        await using (store)
        {
            await RunAsync(store, storeBytes, tally, secret, cancellationToken);
        }

        return tally.ToReport();
    }

    /// <returns>Whether a row of the list of migrations does not fit its checksum.</returns>
    private async Task<bool> FindDamagedMigrationsAsync(Tally tally, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await Store.OpenUnexaminedAsync(options, cancellationToken);
            using var key = await BankKey.OpenExistingAsync(options.Folder, store, cancellationToken);
            var damaged = await store.ReadAsync(
                connection => Task.FromResult(StoreVerification.DamagedRows((SqliteConnection)connection, key, "migration")), cancellationToken);
            foreach (var row in damaged)
            {
                tally.Damaged($"record migration row {Tally.Number(row)}", "its row was changed; the rest of the store was not examined");
            }

            return damaged.Count > 0;
        }
        catch (Exception error) when (error is StoreUnusableException or DbException)
        {
            return false;
        }
    }

    private async Task RunAsync(Store store, long storeBytes, Tally tally, OperatorSecret? secret, CancellationToken cancellationToken)
    {
        if (await OpenKeyAsync(store, tally, cancellationToken) is not { } key)
        {
            return;
        }

        using (key)
        {
            tally.Part = "records";
            await ReadableAsync("store", tally, () => store.ReadAsync(
                async connection =>
                {
                    if (connection is SqliteConnection sqlite)
                    {
                        await new StoreVerification(key, tally, storeBytes).RunAsync(sqlite, cancellationToken);
                    }
                    else
                    {
                        await CheckPostgresAsync(connection, tally);
                    }

                    return 0;
                },
                cancellationToken));
            await ReadableAsync("sealed records", tally, () => new SealedRecords(store, key, clock, tally).RunAsync(cancellationToken));

            var log = new AuditLog(store, key, clock);
            tally.Part = "log";
            await ReadableAsync("log", tally, () => new AuditVerification(log, key, options.Folder, tally).RunAsync(cancellationToken));

            tally.Part = "evidence";
            using var keys = await OpenSealingKeysAsync(store, key, log, secret, tally, cancellationToken);
            await ReadableAsync("evidence records", tally, () => new EvidenceVerification(
                store, EvidenceTable.Open(key), keys, new EvidenceFolder(Path.Combine(options.Folder, EvidenceVault.FolderName)), clock, tally)
                .RunAsync(cancellationToken));
        }
    }

    private async Task<BankKey?> OpenKeyAsync(Store store, Tally tally, CancellationToken cancellationToken)
    {
        try
        {
            return await BankKey.OpenExistingAsync(options.Folder, store, cancellationToken);
        }
        catch (Exception error) when (error is StoreUnusableException or DbException)
        {
            // Without it nothing can be told from anything, so the key is the finding.
            tally.Damaged($"file {BankKey.FileName}", "it is missing, damaged or not this store's; no record can be checked without it");
            return null;
        }
    }

    private static async Task<SealingKeys?> OpenSealingKeysAsync(
        Store store, BankKey key, AuditLog log, OperatorSecret? secret, Tally tally, CancellationToken cancellationToken)
    {
        try
        {
            var keys = await SealingKeys.OpenAsync(store, key, log, TimeProvider.System, cancellationToken);
            if (secret is not null && await keys.OpenForVerificationAsync(secret, cancellationToken) is { } refusal)
            {
                tally.NotExamined.Add($"Tags of evidence: {refusal}");
            }
            else if (secret is null)
            {
                tally.NotExamined.Add("Tags of evidence, since the service is sealed; the SHA-256 of each sealed file was compared instead.");
            }

            return keys;
        }
        catch (Exception error) when (error is StoreUnusableException or DbException)
        {
            // The damaged row was named with the records.
            return null;
        }
    }

    private static async Task CheckPostgresAsync(DbConnection connection, Tally tally)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SHOW data_checksums";
        if (await command.ExecuteScalarAsync() is not "on")
        {
            tally.NotExamined.Add(
                "Columns that no room seals: PostgreSQL keeps no page checksums here. Turn them on with pg_checksums --enable.");
        }
    }

    /// <summary>A store so damaged that a query fails, or gives a word that is none of ours, is a finding and not the end of the examination.</summary>
    private static async Task ReadableAsync(string what, Tally tally, Func<Task> examine)
    {
        try
        {
            await examine();
        }
        catch (Exception error) when (error is DbException or FormatException)
        {
            tally.Damaged(what, "its tables cannot be read any further");
        }
    }

    private long StoreBytes()
    {
        var file = new FileInfo(Path.Combine(options.Folder, SqliteEngine.FileName));
        return options.Postgres is null && file.Exists ? file.Length : 0;
    }

    private long Size(string folder)
    {
        var path = new DirectoryInfo(Path.Combine(options.Folder, folder));
        return path.Exists ? path.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
    }
}
