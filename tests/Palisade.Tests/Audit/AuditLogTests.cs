using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Audit;

public sealed class AuditLogTests
{
    private static readonly Actor Anna = Actor.CommandLine("anna");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory, StoreEngines]
    public async Task Entries_are_numbered_from_one_without_gaps_whoever_writes_them(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var here = new AuditLog(test.Store, key, _clock);
        var there = new AuditLog(await test.OpenAnotherAsync(), key, _clock);

        var numbers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            (i % 2 == 0 ? here : there).RecordAsync(Entry($"case/{i}"), default)));

        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), numbers.Order());
        Assert.Equal(200, (await here.ListAsync(new AuditFilter(), 1000, default)).Count);
    }

    [Theory, StoreEngines]
    public async Task An_entry_is_undone_with_the_act_that_it_tells_of(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Store.WriteAsync<long>(
            async transaction =>
            {
                await log.AppendAsync(transaction, Entry("case/1"));
                throw new InvalidOperationException("The act failed.");
            },
            default));
        var next = await log.RecordAsync(Entry("case/2"), default);

        Assert.Equal(1, next);
        Assert.Equal("case/2", (await log.FindAsync(1, default))!.Subject);
    }

    [Theory, StoreEngines]
    public async Task What_was_recorded_is_read_as_it_was(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);
        var digest = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();

        var number = await log.RecordAsync(
            new AuditEntry
            {
                Action = "case.revealed",
                Actor = Anna,
                Subject = "case/7",
                Reason = " two\nlines, ünd \ud800 half a pair ",
                Digest = digest,
                ResultOf = 12,
            },
            default);

        var record = (await log.FindAsync(number, default))!;
        Assert.Equal(
            (_clock.GetUtcNow(), "case.revealed", log.Actors.PseudonymOf(Anna), "case/7", "two lines, ünd \ufffd half a pair", 12L),
            (record.At, record.Action, record.Actor, record.Subject, record.Reason, record.ResultOf));
        Assert.Equal(digest, record.Digest);
    }

    [Theory, StoreEngines]
    public async Task A_row_that_was_changed_or_moved_is_not_read(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);
        await log.RecordAsync(Entry("case/1"), default);
        await log.RecordAsync(Entry("case/2"), default);

        await ChangeAsync(test.Store, "UPDATE audit_entry SET subject = 'case/3' WHERE seq = 1");
        await ChangeAsync(test.Store, "DELETE FROM audit_entry WHERE seq = 2");
        await ChangeAsync(
            test.Store,
            """
            INSERT INTO audit_entry (seq, recorded_at, action, actor, subject, seal)
            SELECT 2, recorded_at, action, actor, subject, seal FROM audit_entry WHERE seq = 1
            """);

        Assert.Equal(1, (await Assert.ThrowsAsync<DamagedAuditException>(() => log.FindAsync(1, default))).Number);
        Assert.Equal(2, (await Assert.ThrowsAsync<DamagedAuditException>(() => log.FindAsync(2, default))).Number);
    }

    [Theory, StoreEngines]
    public async Task Names_are_in_no_entry_and_can_be_looked_up_until_they_are_forgotten(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);
        await log.RecordAsync(Entry("case/1"), default);
        var pseudonym = (await log.FindAsync(1, default))!.Actor;

        var known = await log.RevealNamesAsync(Actor.CommandLine("officer"), "a complaint", default);
        var isForgotten = await log.ForgetNameAsync(pseudonym, Actor.CommandLine("officer"), default);
        var after = await log.RevealNamesAsync(Actor.CommandLine("officer"), "to see", default);

        Assert.DoesNotContain("anna", pseudonym, StringComparison.Ordinal);
        Assert.Equal("cli:anna", known[pseudonym]);
        Assert.True(isForgotten);
        Assert.DoesNotContain(pseudonym, after.Keys);
        Assert.Equal(
            ["case.opened", "audit.names-read", "audit.name-forgotten", "audit.names-read"],
            (await log.ListAsync(new AuditFilter(), 10, default)).Select(record => record.Action));
    }

    [Theory, StoreEngines]
    public async Task Entries_are_found_by_action_actor_subject_and_time(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);
        var began = _clock.GetUtcNow();
        foreach (var (action, subject, by) in new[]
        {
            ("bank.created", "bank/1", "anna"), ("bank.changed", "bank/1", "ben"), ("key.created", "key/1", "anna"),
        })
        {
            await log.RecordAsync(new AuditEntry { Action = action, Subject = subject, Actor = Actor.CommandLine(by) }, default);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        async Task<IEnumerable<long>> Numbers(AuditFilter filter, int limit = 10) =>
            (await log.ListAsync(filter, limit, default)).Select(record => record.Number);

        Assert.Equal([1, 2], await Numbers(new AuditFilter { Action = "bank." }));
        Assert.Equal([2], await Numbers(new AuditFilter { Action = "bank.changed" }));
        Assert.Equal([1, 3], await Numbers(new AuditFilter { Actor = log.Actors.PseudonymOf(Anna) }));
        Assert.Equal([1, 2], await Numbers(new AuditFilter { Subject = "bank/1" }));
        Assert.Equal([2], await Numbers(new AuditFilter { From = began.AddHours(1), Until = began.AddHours(2) }));
        Assert.Equal([2, 3], await Numbers(new AuditFilter(), limit: 2));
        Assert.Equal([1], await Numbers(new AuditFilter { Before = 2 }));
    }

    [Fact]
    public async Task A_closed_log_refuses_acts_outside_the_store_and_takes_what_is_part_of_a_transaction()
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);

        log.Close("The store was rolled back.");

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.RecordAsync(Entry("case/1"), default));
        Assert.Equal(1, await test.Store.WriteAsync(transaction => log.AppendAsync(transaction, Entry("case/1")), default));
    }

    [Fact]
    public async Task A_log_whose_table_takes_nothing_says_that_nothing_was_done()
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);
        await ChangeAsync(
            test.Store, "CREATE TRIGGER full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no room'); END");

        await Assert.ThrowsAsync<AuditUnavailableException>(() => log.RecordAsync(Entry("case/1"), default));

        await ChangeAsync(test.Store, "DROP TRIGGER full");
        Assert.Equal(1, await log.RecordAsync(Entry("case/1"), default));
    }

    [Theory]
    [InlineData("revealed", "case/1", 0)]
    [InlineData("Case.Revealed", "case/1", 0)]
    [InlineData("case.revealed", "", 0)]
    [InlineData("case.revealed", "case/1\nforged", 0)]
    [InlineData("case.revealed", "case/1", 2001)]
    public async Task An_entry_that_is_none_is_refused_before_it_is_written(string action, string subject, int reasonLength)
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite, _clock);
        using var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var log = new AuditLog(test.Store, key, _clock);
        var entry = new AuditEntry { Action = action, Subject = subject, Actor = Anna, Reason = new string('x', reasonLength) };

        await Assert.ThrowsAsync<ArgumentException>(() => log.RecordAsync(entry, default));
    }

    private static AuditEntry Entry(string subject) => new() { Action = "case.opened", Actor = Anna, Subject = subject };

    private static Task<int> ChangeAsync(Store store, string sql) => store.WriteAsync(
        (DbTransaction transaction) => transaction.Connection!.ExecuteAsync(sql, transaction: transaction), default);
}
