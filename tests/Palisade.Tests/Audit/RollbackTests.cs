using Dapper;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Audit;

/// <summary>T7.2: a store that was set back to an older state is noticed on start, and what is missing is named.</summary>
public sealed class RollbackTests
{
    [Theory]
    [InlineData(TestEngine.Sqlite, 1)]
    [InlineData(TestEngine.Sqlite, 60)]
    [InlineData(TestEngine.Sqlite, 1440)]
    [InlineData(TestEngine.Postgres, 1)]
    [InlineData(TestEngine.Postgres, 60)]
    [InlineData(TestEngine.Postgres, 1440)]
    public async Task A_store_set_back_by_one_record_an_hour_or_a_day_is_noticed_and_the_gap_is_named(TestEngine engine, int minutes)
    {
        // An entry each minute: as many are missing as minutes.
        await using var audit = await AuditFixture.CreateAsync(engine);
        await AddEachMinuteAsync(audit, 100);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        var older = await SnapshotAsync(audit);
        await AddEachMinuteAsync(audit, minutes);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();

        await RestoreAsync(audit, older);
        var started = await audit.OpenSequencerAsync(audit.Log);

        Assert.Equal((101, 100 + minutes), (started.Fault!.First, started.Fault.Last));
        Assert.Contains(
            minutes == 1 ? "Entry 101 " : $"Entries 101 to {100 + minutes} ", started.Fault.Explanation, StringComparison.Ordinal);
        Assert.Contains("recorded from 2027-03-01 13:41:00", started.Fault.Explanation, StringComparison.Ordinal);
        Assert.IsType<SigningOutcome.Refused>(await started.SignAsync(default));
    }

    [Theory, StoreEngines]
    public async Task Matching_goes_on_over_a_store_that_was_set_back_and_no_number_is_given_twice(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        await AddEachMinuteAsync(audit, 10);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        var older = await SnapshotAsync(audit);
        await AddEachMinuteAsync(audit, 5);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        await RestoreAsync(audit, older);
        await audit.OpenSequencerAsync(audit.Log);

        var inTransaction = await audit.Test.Store.WriteAsync(t => audit.Log.AppendAsync(t, Entry("case/new")), default);
        var outside = await Record.ExceptionAsync(() => audit.Log.RecordAsync(Entry("case/new"), default));

        Assert.Equal(16, inTransaction);
        Assert.IsType<AuditUnavailableException>(outside);
    }

    [Theory, StoreEngines]
    public async Task Mending_puts_the_lost_entries_back_and_the_log_goes_on_as_the_same(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        await AddEachMinuteAsync(audit, 10);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        var older = await SnapshotAsync(audit);
        await AddEachMinuteAsync(audit, 300);
        var signed = await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        await RestoreAsync(audit, older);
        var started = await audit.OpenSequencerAsync(audit.Log);
        await audit.Test.Store.WriteAsync(t => audit.Log.AppendAsync(t, Entry("case/new")), default);

        var mended = await new LogMending(audit.Log, started).MendAsync(AuditFixture.By, default);
        var after = await audit.SignAsync(started);

        Assert.Equal(300, mended);
        Assert.Null(audit.Log.ClosedBecause);
        Assert.Equal(312, after.Size);
        Assert.Equal("audit.mended", (await audit.Log.FindAsync(312, default))!.Action);
        Assert.True(ProofCheck.Consistency(
            signed.Size, after.Size, new TiledTree(started.Tiles, after.Size).ProveConsistency(signed.Size), signed.Root, after.Root));
        Assert.Empty(await audit.FindDamageAsync(after));
    }

    [Theory, StoreEngines]
    public async Task A_store_that_lost_everything_is_noticed_too(TestEngine engine)
    {
        await using var audit = await AuditFixture.CreateAsync(engine);
        var empty = await SnapshotAsync(audit);
        await AddEachMinuteAsync(audit, 3);
        await audit.SignAsync();
        await RestoreAsync(audit, empty);

        var started = await audit.OpenSequencerAsync(audit.Log);

        Assert.Equal((1, 3), (started.Fault!.First, started.Fault.Last));
    }

    [Theory, StoreEngines]
    public async Task A_store_set_back_and_filled_anew_is_another_history_from_its_first_new_entry_on(TestEngine engine)
    {
        // As a program does that does not look: it goes on numbering where the older state ended.
        await using var audit = await AuditFixture.CreateAsync(engine);
        await AddEachMinuteAsync(audit, 10);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        var older = await SnapshotAsync(audit);
        await AddEachMinuteAsync(audit, 5);
        await audit.SignAsync();
        await audit.Sequencer.HandOverAsync();
        await RestoreAsync(audit, older);
        await AddEachMinuteAsync(audit, 8);

        var started = await audit.OpenSequencerAsync(audit.Log);

        Assert.Equal((11, 15), (started.Fault!.First, started.Fault.Last));
        Assert.Null(await new LogMending(audit.Log, started).MendAsync(AuditFixture.By, default));
    }

    private static async Task AddEachMinuteAsync(AuditFixture audit, int count)
    {
        for (var i = 0; i < count; i++)
        {
            audit.Clock.Advance(TimeSpan.FromMinutes(1));
            await audit.Test.Store.WriteAsync(t => audit.Log.AppendAsync(t, Entry("case/1")), default);
        }
    }

    private static AuditEntry Entry(string subject) => new() { Action = "case.opened", Actor = AuditFixture.By, Subject = subject };

    /// <summary>What a restored backup would bring back of the log: where it ended, and what was signed.</summary>
    private static Task<(long Last, string? Checkpoint)> SnapshotAsync(AuditFixture audit) => audit.Test.Store.ReadAsync(
        async connection => (
            await Sequences.LastAsync(connection, AuditLog.Name),
            await connection.QuerySingleOrDefaultAsync<string?>("SELECT checkpoint FROM audit_signing")),
        default);

    private static async Task RestoreAsync(AuditFixture audit, (long Last, string? Checkpoint) older)
    {
        await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq > @Last", new { older.Last });
        await audit.ExecuteAsync("UPDATE sequence SET value = @Last WHERE name = 'audit'", new { older.Last });
        await audit.ExecuteAsync(
            older.Checkpoint is null ? "DELETE FROM audit_signing" : "UPDATE audit_signing SET checkpoint = @Checkpoint",
            new { older.Checkpoint });
    }
}
