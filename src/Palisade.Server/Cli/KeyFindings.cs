using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;
using Palisade.Server.Control;
using Palisade.Server.Options;

namespace Palisade.Server.Cli;

/// <summary>What <c>doctor</c> says of keys. It reads the store as it is and changes nothing in it.</summary>
internal static class KeyFindings
{
    public static async Task<IReadOnlyList<Finding>> AllAsync(PalisadeOptions settings, CancellationToken cancellationToken) =>
        [await SealingKeyAsync(settings, cancellationToken), Dumps(), Swap()];

    private static async Task<Finding> SealingKeyAsync(PalisadeOptions settings, CancellationToken cancellationToken)
    {
        const string Part = "sealing key";
        try
        {
            if (await KindAsync(settings, cancellationToken) is not { } kind)
            {
                return new Finding(
                    Part, PartState.Missing, "there is none", "bytes of uploads are not kept, and whatever is not clean is held", "palisade key init");
            }

            if (kind == OperatorKeyKind.UnsafeDevelopmentFile)
            {
                return new Finding(
                    Part, PartState.Missing, $"opened by {SecretInput.UnsafeFileName} beside the data", "whoever takes the folder opens all evidence",
                    "palisade key operator");
            }

            var status = await ControlClient.AskAsync(settings.Data, UnsealVerb.Request(ControlRequest.Status), cancellationToken);
            return new Finding(Part, PartState.Present, $"opened by {Words.Of(kind)}; " + status switch
            {
                null => "no service runs here",
                { IsUnsealed: true } => "the running service is unsealed",
                _ => "the running service is sealed",
            });
        }
        catch (Exception exception) when (exception is SqliteException or NpgsqlException or IOException or FormatException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return new Finding(Part, PartState.Missing, "could not be looked for", "nothing by itself", "mend what is broken above, then run this again");
        }
    }

    private static async Task<OperatorKeyKind?> KindAsync(PalisadeOptions settings, CancellationToken cancellationToken)
    {
        const string HasTable = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'operator_key'";
        const string Newest = "SELECT kind FROM operator_key ORDER BY number DESC LIMIT 1";
        if (settings.Store.Postgres is { } postgres)
        {
            await using var server = new NpgsqlConnection(postgres);
            await server.OpenAsync(cancellationToken);
            return await server.QuerySingleAsync<string?>("SELECT to_regclass('operator_key')::text") is null ? null : await ReadAsync(server);
        }

        var file = Path.Combine(settings.Data, "palisade.db");
        if (!File.Exists(file))
        {
            return null;
        }

        var text = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString;
        await using var connection = new SqliteConnection(text);
        await connection.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<long>(HasTable) == 0 ? null : await ReadAsync(connection);

        static async Task<OperatorKeyKind?> ReadAsync(System.Data.Common.DbConnection connection) =>
            await connection.QuerySingleOrDefaultAsync<string?>(Newest) is { } kind ? Storage.Words.Parse<OperatorKeyKind>(kind) : null;
    }

    private static Finding Dumps() => CoreDumps.Refuse() && CoreDumps.AreRefused()
        ? new Finding("core dumps", PartState.Present, "refused by the service and by commands that take the operator's key")
        : new Finding("core dumps", PartState.Missing, "cannot be refused here", "a crash could write keys to the disk", "ulimit -c 0 in the service's unit");

    private static Finding Swap()
    {
        var isOn = File.Exists("/proc/swaps") && File.ReadLines("/proc/swaps").Skip(1).Any();
        return isOn
            ? new Finding("swap", PartState.Missing, "is on", "passphrases and data keys could be written to it; private keys are locked in memory", "encrypt it, or MemorySwapMax=0 in the service's unit")
            : new Finding("swap", PartState.Present, "is off");
    }
}
