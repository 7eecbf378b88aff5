using System.Text;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Palisade.Policy;
using Palisade.Scanning;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Scanning;

public sealed class ScanRecordsTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory, StoreEngines]
    public async Task A_record_reads_back_as_it_was_kept(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var record = room.Record(VerdictAction.Hold);

        await room.ScanAsync(record);
        var found = await room.Records.FindAsync(record.Id, CancellationToken.None);

        Assert.NotNull(found);
        Assert.Equal(VerdictAction.Hold, found.Verdict);
        Assert.Equal(record with { Facts = found.Record.Facts }, found.Record);
        Assert.Equal(record.Facts.ToBytes(), found.Record.Facts.ToBytes());
    }

    [Theory, StoreEngines]
    public async Task The_current_verdict_is_the_last_in_the_feed(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var record = room.Record(VerdictAction.Hold);
        await room.ScanAsync(record);

        await room.Store.WriteAsync(
            async transaction =>
            {
                await room.Feed.AppendAsync(transaction, record.Id.ToString(), record.Service, "photo", VerdictAction.Allow, _clock.GetUtcNow());
                return 0;
            },
            CancellationToken.None);

        Assert.Equal(VerdictAction.Allow, (await room.Records.FindAsync(record.Id, CancellationToken.None))!.Verdict);
        Assert.Equal(
            [(1L, VerdictAction.Hold), (2L, VerdictAction.Allow)],
            (await room.Feed.ReadAfterAsync(0, 10, CancellationToken.None)).Select(change => (change.Sequence, change.Verdict)));
    }

    [Theory, StoreEngines]
    public async Task A_match_in_shadow_is_kept_and_the_feed_is_silent(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var record = room.Record(VerdictAction.Allow);

        await room.ScanAsync(record);

        Assert.NotNull(await room.Records.FindAsync(record.Id, CancellationToken.None));
        Assert.Empty(await room.Feed.ReadAfterAsync(0, 10, CancellationToken.None));
    }

    [Theory, StoreEngines]
    public async Task A_feed_written_by_many_at_once_has_no_gaps(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            room.ScanAsync(room.Record(VerdictAction.Block))));

        Assert.Equal(
            Enumerable.Range(1, 50).Select(number => (long)number),
            (await room.Feed.ReadAfterAsync(0, 100, CancellationToken.None)).Select(change => change.Sequence));
    }

    [Theory, StoreEngines]
    public async Task A_copy_of_the_store_shows_no_name_no_token_and_no_digest(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Block));

        var columns = await room.Store.ReadAsync(
            async connection =>
                (await connection.QueryAsync("SELECT * FROM scan_record")).Concat(await connection.QueryAsync("SELECT * FROM verdict_change"))
                .SelectMany(row => ((IDictionary<string, object?>)row).Values).ToList(),
            CancellationToken.None);

        var seen = string.Join('|', columns.Select(value => value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{value}"));
        Assert.Contains("avatars", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("00112233", seen, StringComparison.Ordinal);
    }

    [Theory, StoreEngines]
    public async Task A_row_that_was_changed_is_not_believed(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var record = room.Record(VerdictAction.Block);
        await room.ScanAsync(record);

        foreach (var change in new[]
                 {
                     "UPDATE scan_record SET verdict = 'allow'", "UPDATE scan_record SET verdict = 'block', service = 'other'",
                 })
        {
            await room.Store.WriteAsync(
                transaction => transaction.Connection!.ExecuteAsync(change, transaction: transaction), CancellationToken.None);
            await Assert.ThrowsAsync<StoreUnusableException>(() => room.Records.FindAsync(record.Id, CancellationToken.None));
        }

        await room.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync("UPDATE verdict_change SET verdict = 'allow'", transaction: transaction),
            CancellationToken.None);
        await Assert.ThrowsAsync<StoreUnusableException>(() => room.Feed.ReadAfterAsync(0, 10, CancellationToken.None));
    }

    [Theory, StoreEngines]
    public async Task Two_nodes_that_answer_one_request_keep_one_record(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var marks = await room.Idempotency.MarkAsync(new IdempotencyKey(1, "key"), [1], CancellationToken.None);
        var first = room.Record(VerdictAction.Block);
        var second = room.Record(VerdictAction.Block);

        var firstEarlier = await room.Records.KeepOnceAsync(marks, first, await room.KeptAsync(first), more: null, CancellationToken.None);
        var secondEarlier = await room.Records.KeepOnceAsync(marks, second, await room.KeptAsync(second), more: null, CancellationToken.None);

        Assert.Null(firstEarlier);
        Assert.Equal(first.Id.ToString(), secondEarlier!.Value.Answer.ScanId);
        Assert.True(secondEarlier.Value.IsSameRequest);
        Assert.Null(await room.Records.FindAsync(second.Id, CancellationToken.None));
        Assert.Single(await room.Feed.ReadAfterAsync(0, 10, CancellationToken.None));
    }

    [Theory]
    [InlineData(23 * 60 + 59, true)]
    [InlineData(24 * 60, false)]
    public async Task An_idempotency_key_stands_for_its_request_for_24_hours(int minutes, bool isRemembered)
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        var key = new IdempotencyKey(1, "key");
        await room.Records.KeepOnceAsync(
            await room.Idempotency.MarkAsync(key, [1], CancellationToken.None), room.Record(VerdictAction.Allow), kept: null, more: null,
            CancellationToken.None);

        _clock.Advance(TimeSpan.FromMinutes(minutes));
        var marks = await room.Idempotency.MarkAsync(key, [1], CancellationToken.None);

        Assert.Equal(isRemembered, await room.Records.FindAnswerAsync(marks, CancellationToken.None) is not null);
        Assert.Equal(isRemembered ? 0 : 1, await room.Idempotency.SweepAsync(CancellationToken.None));
    }

    [Fact]
    public async Task The_key_of_a_window_is_destroyed_when_no_row_needs_it()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        await room.Idempotency.MarkAsync(new IdempotencyKey(1, "key"), [1], CancellationToken.None);
        var before = await NumbersAsync();

        _clock.Advance(TimeSpan.FromHours(48));
        await room.Idempotency.SweepAsync(CancellationToken.None);

        Assert.Equal(2, before.Count);
        Assert.Empty(await NumbersAsync());

        Task<List<long>> NumbersAsync() => room.Store.ReadAsync(
            async connection => (await connection.QueryAsync<long>("SELECT number FROM idempotency_window")).ToList(), CancellationToken.None);
    }
}
