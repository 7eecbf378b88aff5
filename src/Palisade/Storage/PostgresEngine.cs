using System.Data.Common;
using Dapper;
using Npgsql;

namespace Palisade.Storage;

/// <summary>PostgreSQL: plain transactions, read committed. The server groups commits by itself.</summary>
internal sealed class PostgresEngine : StoreEngine
{
    private readonly NpgsqlDataSource _source;

    private PostgresEngine(NpgsqlDataSource source) => _source = source;

    public override Dialect Dialect => Dialect.Postgres;

    public static async Task<PostgresEngine> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var source = new NpgsqlDataSourceBuilder(connectionString).Build();
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            if (await connection.QuerySingleAsync<string>("SHOW synchronous_commit") == "off")
            {
                throw new StoreUnusableException(
                    "PostgreSQL is set to synchronous_commit = off, so it would acknowledge records that a power cut can " +
                    "lose. Set it to on for this database: ALTER DATABASE ... SET synchronous_commit = on");
            }

            return new PostgresEngine(source);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        return await read(connection);
    }

    public override async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await write(transaction);

        // From here on the caller may leave, and the write that was promised still finishes.
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();
}
