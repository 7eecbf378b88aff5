using Dapper;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Storage;

public sealed class MigrationsTests
{
    private static readonly Migration First = new(9001, "9001_first", "CREATE TABLE first_table (id {id}, body {blob})");
    private static readonly Migration Second = new(9002, "9002_second", "CREATE TABLE second_table (id {id}); INSERT INTO second_table (id) VALUES (7)");

    [Theory, StoreEngines]
    public async Task Missing_migrations_are_applied_once_and_in_order(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);

        var counts = new[]
        {
            await ApplyAsync(test.Store, First), await ApplyAsync(test.Store, First, Second), await ApplyAsync(test.Store, First, Second),
        };

        Assert.Equal([1, 1, 0], counts);
        Assert.Equal(7, await test.Store.ReadAsync(
            connection => connection.QuerySingleAsync<long>("SELECT id FROM second_table"), default));
    }

    [Theory, StoreEngines]
    public async Task A_changed_migration_is_refused_with_what_to_do(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);
        await ApplyAsync(test.Store, First);

        var refusal = await Assert.ThrowsAsync<StoreUnusableException>(
            () => ApplyAsync(test.Store, First with { Sql = First.Sql + " " }));

        Assert.Contains("9001_first", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Run the version that made the store", refusal.Message, StringComparison.Ordinal);
    }

    [Theory, StoreEngines]
    public async Task A_store_of_a_newer_version_is_refused_with_what_to_do(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);
        await ApplyAsync(test.Store, First, Second);

        var refusal = await Assert.ThrowsAsync<StoreUnusableException>(() => ApplyAsync(test.Store, First));

        Assert.Contains("Run the newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Theory, StoreEngines]
    public async Task A_migration_that_fails_leaves_nothing_behind(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
            () => ApplyAsync(test.Store, First, Second with { Sql = "CREATE TABLE broken (" }));

        Assert.Equal(1, await ApplyAsync(test.Store, First));
    }

    [Theory, StoreEngines]
    public async Task Many_processes_may_open_a_new_store_at_once(TestEngine engine)
    {
        await using var test = await TestStore.CreateUnopenedAsync(engine);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(test.OpenAnotherAsync)));

        var applied = await test.Store.ReadAsync(
            connection => connection.QueryAsync<long>("SELECT number FROM migration ORDER BY number"), default);
        Assert.Equal(Migration.ReadEmbedded().Select(migration => migration.Number), applied);
    }

    [Fact]
    public void Line_ends_of_a_checkout_do_not_change_a_checksum() =>
        Assert.Equal(
            new Migration(1, "1_x", "CREATE TABLE a\n(b)\n").Checksum,
            new Migration(1, "1_x", "CREATE TABLE a\r\n(b)\r\n").Checksum);

    /// <summary>The product's own migrations are in the store already, so they are always among the known.</summary>
    private static Task<int> ApplyAsync(Store store, params Migration[] more) => store.WriteAsync(
        new Migrations([.. Migration.ReadEmbedded(), .. more], TimeProvider.System).ApplyAsync, default);
}
