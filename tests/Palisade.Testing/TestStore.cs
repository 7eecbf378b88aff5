using Npgsql;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>
/// A fresh, empty store on one engine, with a folder of its own (and on PostgreSQL a schema of its own); gone when disposed.
/// </summary>
public sealed class TestStore : IAsyncDisposable
{
    private readonly string? _server;
    private readonly string? _schema;
    private readonly TimeProvider _clock;
    private readonly List<Store> _others = [];

    private TestStore(string folder, string? server, string? schema, TimeProvider clock)
    {
        Folder = folder;
        _server = server;
        _schema = schema;
        _clock = clock;
        Options = new StoreOptions
        {
            Folder = folder,
            Postgres = server is null ? null : new NpgsqlConnectionStringBuilder(server) { SearchPath = schema, MaxPoolSize = 8 }.ConnectionString,
        };
    }

    public StoreOptions Options { get; }

    public string Folder { get; }

    public Store Store => _others[0];

    /// <summary>Creates the store; skips the calling test when its engine is absent.</summary>
    public static async Task<TestStore> CreateAsync(TestEngine engine, TimeProvider? clock = null)
    {
        var store = await CreateUnopenedAsync(engine, clock);
        await store.OpenAnotherAsync();
        return store;
    }

    /// <summary>A place for a store, not opened yet.</summary>
    public static async Task<TestStore> CreateUnopenedAsync(TestEngine engine, TimeProvider? clock = null)
    {
        var server = Environment.GetEnvironmentVariable("PALISADE_TEST_POSTGRES");
        OptionalPart.Require(
            engine == TestEngine.Sqlite || !string.IsNullOrEmpty(server),
            "PostgreSQL: start one and name it in PALISADE_TEST_POSTGRES, e.g. Host=127.0.0.1;Username=...;Password=...;Database=...");
        var name = "palisade_" + Guid.NewGuid().ToString("N");
        var folder = Path.Combine(Path.GetTempPath(), name);
        Directory.CreateDirectory(folder);
        if (engine == TestEngine.Sqlite)
        {
            return new TestStore(folder, null, null, clock ?? TimeProvider.System);
        }

        await RunAsync(server!, $"CREATE SCHEMA {name}");
        return new TestStore(folder, server, name, clock ?? TimeProvider.System);
    }

    /// <summary>Opens the same store once more, as another process or node would.</summary>
    public async Task<Store> OpenAnotherAsync()
    {
        var store = await Store.OpenAsync(Options, _clock, CancellationToken.None);
        lock (_others)
        {
            _others.Add(store);
        }

        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _others)
        {
            await store.DisposeAsync();
        }

        if (_server is not null)
        {
            await RunAsync(_server, $"DROP SCHEMA {_schema} CASCADE");
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static async Task RunAsync(string server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
