using System.Data.Common;
using Dapper;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Storage;

public sealed class StoreTests
{
    [Theory, StoreEngines]
    public async Task A_write_that_fails_undoes_itself_and_not_its_neighbours(TestEngine engine)
    {
        await using var test = await CreateWithNotesAsync(engine);

        var writes = Enumerable.Range(0, 100).Select(number => test.Store.WriteAsync(
            async transaction =>
            {
                await AddNoteAsync(transaction, number);
                return number % 3 == 0 ? throw new InvalidOperationException("on purpose") : number;
            },
            default)).ToList();
        await Task.WhenAll(writes.Select(write => write.ContinueWith(_ => 0, TaskScheduler.Default)));

        var expected = Enumerable.Range(0, 100).Where(number => number % 3 != 0).Select(number => (long)number);
        Assert.Equal(expected, await NotesAsync(test.Store));
        Assert.Equal(34, writes.Count(write => write.IsFaulted));
    }

    [Theory, StoreEngines]
    public async Task A_broken_constraint_undoes_its_own_write_only(TestEngine engine)
    {
        await using var test = await CreateWithNotesAsync(engine);
        await test.Store.WriteAsync(transaction => AddNoteAsync(transaction, 1), default);

        await Assert.ThrowsAnyAsync<DbException>(
            () => test.Store.WriteAsync(transaction => AddNoteAsync(transaction, 1), default));
        await test.Store.WriteAsync(transaction => AddNoteAsync(transaction, 2), default);

        Assert.Equal([1L, 2L], await NotesAsync(test.Store));
    }

    [Theory, StoreEngines]
    public async Task A_write_whose_caller_left_before_it_began_is_not_made(TestEngine engine)
    {
        await using var test = await CreateWithNotesAsync(engine);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => test.Store.WriteAsync(transaction => AddNoteAsync(transaction, 1), gone.Token));

        Assert.Empty(await NotesAsync(test.Store));
    }

    [Theory, StoreEngines]
    public async Task A_second_process_sees_what_the_first_wrote(TestEngine engine)
    {
        await using var test = await CreateWithNotesAsync(engine);
        var other = await test.OpenAnotherAsync();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(number => (number % 2 == 0 ? test.Store : other)
            .WriteAsync(transaction => AddNoteAsync(transaction, number), default)));

        Assert.Equal(Enumerable.Range(0, 200).Select(number => (long)number), await NotesAsync(other));
    }

    [Fact]
    public async Task Writes_accepted_before_closing_are_kept_and_later_ones_refused()
    {
        await using var test = await CreateWithNotesAsync(TestEngine.Sqlite);
        var store = await test.OpenAnotherAsync();
        var accepted = Enumerable.Range(0, 50)
            .Select(number => store.WriteAsync(transaction => AddNoteAsync(transaction, number), default)).ToList();

        await store.DisposeAsync();

        await Task.WhenAll(accepted);
        Assert.Equal(50, (await NotesAsync(test.Store)).Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => store.WriteAsync(transaction => AddNoteAsync(transaction, 99), default));
    }

    [Fact]
    public async Task A_read_cannot_write_on_SQLite()
    {
        await using var test = await CreateWithNotesAsync(TestEngine.Sqlite);

        await Assert.ThrowsAnyAsync<DbException>(() => test.Store.ReadAsync(
            connection => connection.ExecuteAsync("INSERT INTO note (number) VALUES (1)"), default));
    }

    [Fact]
    public async Task SQLite_runs_with_a_write_ahead_log_full_synchronisation_and_foreign_keys()
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite);

        var settings = await test.Store.WriteAsync(
            async transaction => (
                await transaction.Connection!.QuerySingleAsync<string>("PRAGMA journal_mode", transaction: transaction),
                await transaction.Connection!.QuerySingleAsync<long>("PRAGMA synchronous", transaction: transaction),
                await transaction.Connection!.QuerySingleAsync<long>("PRAGMA foreign_keys", transaction: transaction)),
            default);

        Assert.Equal(("wal", 2L, 1L), settings);
    }

    [Theory, StoreEngines]
    public async Task Numbers_of_a_sequence_have_no_gap_when_a_write_is_undone(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine);

        var first = await test.Store.WriteAsync(transaction => Sequences.TakeAsync(transaction, "test", 3), default);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Store.WriteAsync<long>(
            async transaction =>
            {
                await Sequences.TakeAsync(transaction, "test");
                throw new InvalidOperationException("on purpose");
            },
            default));
        var next = await test.Store.WriteAsync(transaction => Sequences.TakeAsync(transaction, "test"), default);

        Assert.Equal((1L, 4L), (first, next));
        Assert.Equal(4, await test.Store.ReadAsync(connection => Sequences.LastAsync(connection, "test"), default));
    }

    private static async Task<TestStore> CreateWithNotesAsync(TestEngine engine)
    {
        var test = await TestStore.CreateAsync(engine);
        await test.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "CREATE TABLE note (number BIGINT NOT NULL PRIMARY KEY)", transaction: transaction),
            default);
        return test;
    }

    private static Task<int> AddNoteAsync(DbTransaction transaction, int number) => transaction.Connection!.ExecuteAsync(
        "INSERT INTO note (number) VALUES (@number)", new { number = (long)number }, transaction);

    private static Task<List<long>> NotesAsync(Store store) => store.ReadAsync(
        async connection => (await connection.QueryAsync<long>("SELECT number FROM note ORDER BY number")).ToList(), default);
}
