using System.Text;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Review;

public sealed class CaseBookTests
{
    private static readonly string Sha = new('a', 64);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory, StoreEngines]
    public async Task A_verdict_that_is_not_clean_opens_a_case_with_sealed_bytes_a_feed_line_and_audit_entries(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var record = room.Record(VerdictAction.Hold);

        await room.ScanAsync(record, "the bytes"u8.ToArray());

        var opened = Assert.Single(await room.AllAsync());
        Assert.Equal((1, CaseState.Open, CaseOrigin.Verdict, "avatars", VerdictAction.Hold, 1),
            (opened.Number, opened.State, opened.Origin, opened.Service, opened.Verdict, opened.Uploads));
        Assert.Equal(record.ScannedAt, opened.HeldSince);
        Assert.Equal(record.ScannedAt + new ReviewOptions().DecideWithin, opened.DueAt);
        Assert.Equal(new CaseReceipts { Detected = record.ScannedAt }, opened.Receipts);

        var upload = Assert.Single((await room.Cases.ViewAsync(opened.Id, CaseRoom.Anna, default))!.Uploads);
        var bytes = new MemoryStream();
        await room.Vault.OpenAsync(upload.Evidence!.Value, bytes, CaseRoom.Anna, "to look", default);
        Assert.Equal("the bytes"u8.ToArray(), bytes.ToArray());
        Assert.Equal("canary name.jpg", (await room.Vault.FactsAsync(upload.Evidence.Value, CaseRoom.Anna, "to look", default)).FileName);

        var line = Assert.Single(await room.Feed.ReadAfterAsync(0, 10, default));
        Assert.Equal((record.Id, opened.Id, VerdictAction.Hold, null), (line.Scan!.Value, line.Case!.Value, line.Verdict, line.Action));
        Assert.Subset((await LoggedAsync(room)).ToHashSet(), new HashSet<string> { "evidence.sealed", "case.opened", "case.viewed" });
    }

    [Theory, StoreEngines]
    public async Task What_is_allowed_opens_no_case_even_where_a_signal_matched_in_shadow(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);

        await room.ScanAsync(room.Record(VerdictAction.Allow));

        Assert.Empty(await room.AllAsync());
    }

    [Theory, StoreEngines]
    public async Task The_same_bytes_join_the_open_case_and_so_does_a_picture_with_the_same_nearest_signal(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var near = new KeptMatch("bank", "5", "pdq", 12, 31, "original", 0, Shadow: false);

        await room.ScanAsync(room.Record(VerdictAction.Hold, "one", Sha, near));
        await room.ScanAsync(room.Record(VerdictAction.Block, "two", Sha));
        await room.ScanAsync(room.Record(VerdictAction.Hold, "three", new string('b', 64), near with { Distance = 3 }));
        await room.ScanAsync(room.Record(VerdictAction.Hold, "four", new string('c', 64), near with { Signal = "6" }));

        var cases = await room.AllAsync();
        Assert.Equal([1, 3], cases.Select(record => record.Uploads));
        Assert.Equal(VerdictAction.Block, cases[1].Verdict);
        Assert.Equal(["one", "two", "three"], (await room.Cases.ViewAsync(cases[1].Id, CaseRoom.Anna, default))!.Uploads.Select(u => u.Facts.ContentId));
    }

    [Theory, StoreEngines]
    public async Task Many_nodes_that_meet_the_same_picture_at_once_share_one_case(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await using var other = await room.AnotherNodeAsync();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => (number % 2 == 0 ? room : other).ScanAsync(
            room.Record(VerdictAction.Hold, $"content {number}", Sha), [1, 2, 3])));

        var shared = Assert.Single(await room.AllAsync());
        Assert.Equal(40, shared.Uploads);
        var uploads = (await room.Cases.ViewAsync(shared.Id, CaseRoom.Anna, default))!.Uploads;
        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), uploads.Select(upload => upload.Position));
        Assert.Equal(40, (await room.Vault.ListAsync(shared.Id.ToString(), default)).Count);
        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), (await room.Feed.ReadAfterAsync(0, 100, default)).Select(line => line.Sequence));
    }

    [Theory, StoreEngines]
    public async Task A_decided_picture_opens_a_new_case_when_it_comes_again(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: Sha));
        var first = Assert.Single(await room.AllAsync());
        await room.Cases.CloseAsync(first.Id, PlatformAction.Release, "benign", null, CaseRoom.Anna, default);

        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: Sha));

        Assert.Equal([CaseState.Open, CaseState.Closed], (await room.AllAsync()).Select(record => record.State));
    }

    [Theory, StoreEngines]
    public async Task Bytes_that_cannot_be_sealed_lose_no_facts(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        Directory.CreateDirectory(room.Folder);
        var evidence = Path.Combine(room.Folder, EvidenceVault.FolderName);
        if (Directory.Exists(evidence))
        {
            Directory.Delete(evidence, recursive: true);
        }

        await File.WriteAllTextAsync(evidence, "a file where the folder should be");
        await room.ScanAsync(room.Record(VerdictAction.Hold), [1, 2, 3]);

        var opened = Assert.Single(await room.AllAsync());
        var upload = Assert.Single((await room.Cases.ViewAsync(opened.Id, CaseRoom.Anna, default))!.Uploads);
        Assert.Equal((null, EvidenceGap.NotSealed, "canary content"), (upload.Evidence, upload.Gap, upload.Facts.ContentId));
        Assert.Equal(1, room.Cases.Intake.Unsealed);
        File.Delete(evidence);
    }

    [Theory, StoreEngines]
    public async Task Lists_and_notes_work_while_the_service_is_sealed(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.Sealing.SealAsync(CaseRoom.Anna, "going home", default);

        await room.ScanAsync(room.Record(VerdictAction.Hold), [1, 2, 3]);
        var opened = Assert.Single(await room.AllAsync());
        await room.Cases.AddNoteAsync(opened.Id, "first word", CaseRoom.Anna, default);
        await room.Cases.AddNoteAsync(opened.Id, "second word", CaseRoom.Anna, default);

        var notes = (await room.Cases.ViewAsync(opened.Id, CaseRoom.Anna, default))!.Notes;
        Assert.Equal([(1L, "cli:anna", "first word"), (2L, "cli:anna", "second word")], notes.Select(note => (note.Position, note.By, note.Text)));
    }

    [Theory]
    [InlineData(PlatformAction.Release, VerdictAction.Allow)]
    [InlineData(PlatformAction.Remove, VerdictAction.Block)]
    [InlineData(PlatformAction.Restrict, VerdictAction.Block)]
    [InlineData(PlatformAction.Silent, VerdictAction.Hold)]
    public async Task A_decision_reaches_the_platform_for_every_upload_of_the_case_in_order(PlatformAction action, VerdictAction verdict)
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        var first = await room.ScanAsync(room.Record(VerdictAction.Hold, "one", Sha));
        var second = await room.ScanAsync(room.Record(VerdictAction.Hold, "two", Sha));
        var opened = Assert.Single(await room.AllAsync());

        var closed = await room.Cases.CloseAsync(opened.Id, action, "looked at it", 2, CaseRoom.Anna, default);

        Assert.Equal((CaseState.Closed, null), (closed.Value!.State, closed.Value.HeldSince));
        Assert.Equal(_clock.GetUtcNow(), closed.Value.Receipts.Decided);
        Assert.Equal(
            [(first.Id, verdict, action), (second.Id, verdict, action)],
            (await room.Feed.ReadAfterAsync(2, 10, default)).Select(line => (line.Scan!.Value, line.Verdict, line.Action!.Value)));
        Assert.Equal(verdict, (await room.Records.FindAsync(first.Id, default))!.Verdict);
        var decision = Assert.Single((await room.Cases.ViewAsync(opened.Id, CaseRoom.Anna, default))!.Decisions);
        Assert.Equal((action, "looked at it", "cli:anna"), (decision.Action, decision.Reason, decision.By));
    }

    [Fact]
    public async Task Nobody_decides_over_uploads_that_joined_after_he_looked()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Hold, "one", Sha));
        var seen = Assert.Single(await room.AllAsync());
        await room.ScanAsync(room.Record(VerdictAction.Hold, "two", Sha));

        var refused = await room.Cases.CloseAsync(seen.Id, PlatformAction.Release, "fine", seen.Uploads, CaseRoom.Anna, default);

        Assert.IsType<CaseRefused.UploadsJoined>(refused.Refusal);
        Assert.Equal(CaseState.Open, (await room.Cases.FindAsync(seen.Id, default))!.State);
        Assert.Equal(2, (await room.Feed.ReadAfterAsync(0, 10, default)).Count);
    }

    [Theory, StoreEngines]
    public async Task A_case_goes_from_hand_to_hand_and_back_and_opens_again_after_an_appeal(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: Sha));
        var id = Assert.Single(await room.AllAsync()).Id;

        var taken = await room.Cases.AssignAsync(id, CaseRoom.Anna, CaseRoom.Anna, default);
        var hers = await room.Cases.ListAsync(new CaseQuery { Owner = "cli:anna" }, default);
        var returned = await room.Cases.AssignAsync(id, null, CaseRoom.Anna, default);
        await room.Cases.CloseAsync(id, PlatformAction.Remove, "clear", null, CaseRoom.Anna, default);
        var closedAgain = await room.Cases.CloseAsync(id, PlatformAction.Release, "no", null, CaseRoom.Anna, default);
        _clock.Advance(TimeSpan.FromDays(3));
        var reopened = await room.Cases.ReopenAsync(id, "an appeal", CaseRoom.Anna, default);
        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: Sha));

        Assert.Equal((CaseState.InReview, "cli:anna"), (taken.Value!.State, taken.Value.Owner));
        Assert.Equal(id, Assert.Single(hers).Id);
        Assert.Equal((CaseState.Open, null), (returned.Value!.State, returned.Value.Owner));
        Assert.IsType<CaseRefused.WrongState>(closedAgain.Refusal);
        Assert.Equal(CaseState.Open, reopened.Value!.State);
        Assert.False(reopened.Value.IsLateAt(_clock.GetUtcNow()));
        Assert.Equal(2, Assert.Single(await room.AllAsync()).Uploads);
    }

    [Theory, StoreEngines]
    public async Task The_oldest_held_upload_is_measured_until_somebody_decides(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Hold, "one", Sha));
        _clock.Advance(TimeSpan.FromHours(25));
        await room.ScanAsync(room.Record(VerdictAction.Hold, "two", new string('b', 64), new KeptMatch("bank", "9", "pdq", 1, 31, "original", 0, false)));
        var oldest = (await room.AllAsync())[^1];

        var before = await room.Cases.MeasureAsync(default);
        await room.Cases.CloseAsync(oldest.Id, PlatformAction.Remove, "clear", null, CaseRoom.Anna, default);
        var after = await room.Cases.MeasureAsync(default);

        Assert.Equal(new CaseFigures(2, 1, TimeSpan.FromHours(25)), before);
        Assert.Equal(new CaseFigures(1, 0, TimeSpan.Zero), after);
    }

    [Theory, StoreEngines]
    public async Task Receipts_are_set_in_the_transaction_of_what_they_tell(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Block));
        var id = Assert.Single(await room.AllAsync()).Id;
        var now = _clock.GetUtcNow();

        await room.Store.WriteAsync(
            async transaction =>
            {
                await room.Cases.RecordPreservedAsync(transaction, id, now.AddDays(366));
                await room.Cases.RecordPreservedAsync(transaction, id, now.AddDays(90));
                await room.Cases.RecordReportedAsync(transaction, id, "4001", now);
                await room.Cases.RecordFedBackAsync(transaction, id, now);
                return 0;
            },
            default);

        Assert.Equal(
            new CaseReceipts { Detected = now, PreservedUntil = now.AddDays(366), Reported = now, ReportNumber = "4001", FedBack = now },
            (await room.Cases.FindAsync(id, default))!.Receipts);
    }

    [Theory, StoreEngines]
    public async Task A_copy_of_the_store_shows_no_name_no_token_no_note_and_no_owner(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Hold, sha256: Sha), "canary picture"u8.ToArray());
        var id = Assert.Single(await room.AllAsync()).Id;
        await room.Cases.AddNoteAsync(id, "canary note", Actor.CommandLine("canary-person"), default);
        await room.Cases.AssignAsync(id, Actor.CommandLine("canary-person"), CaseRoom.Anna, default);
        await room.Cases.CloseAsync(id, PlatformAction.Remove, "canary reason", null, Actor.CommandLine("canary-person"), default);

        var seen = await EverythingAsync(room);

        Assert.Contains(id.ToString(), seen, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Sha, seen, StringComparison.OrdinalIgnoreCase);
        Assert.All(
            Directory.EnumerateFiles(room.Folder, "*", SearchOption.AllDirectories).Where(path => path.Contains("evidence", StringComparison.Ordinal)),
            path => Assert.DoesNotContain("canary", Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UPDATE review_case SET state = 'closed'")]
    [InlineData("UPDATE review_case SET due_at = due_at + 1")]
    [InlineData("UPDATE review_case SET held_since = NULL")]
    public async Task A_case_that_was_changed_by_hand_is_not_believed(string change)
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        await room.ScanAsync(room.Record(VerdictAction.Hold));
        await room.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(change, transaction: transaction), default);

        await Assert.ThrowsAsync<StoreUnusableException>(room.AllAsync);
    }

    [Fact]
    public async Task Lines_of_the_feed_from_before_there_were_cases_still_open()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);

        await room.Store.WriteAsync(
            async transaction =>
            {
                await room.Feed.AppendAsync(transaction, ScanId.New().ToString(), "avatars", "old", VerdictAction.Hold, _clock.GetUtcNow());
                return 0;
            },
            default);

        var line = Assert.Single(await room.Feed.ReadAfterAsync(0, 10, default));
        Assert.Equal(("old", null, null), (line.ContentId, line.Case, line.Action));
    }

    [Fact]
    public void Every_pair_of_states_is_decided_and_only_a_closed_case_is_an_end_that_opens()
    {
        var steps = Enum.GetValues<CaseState>()
            .SelectMany(from => Enum.GetValues<CaseState>().Where(to => from.MayBecome(to)).Select(to => $"{from} {to}"));

        Assert.Equal(
            [
                "Open InReview", "Open Decided", "Open Closed", "InReview Open", "InReview InReview", "InReview Decided",
                "InReview Closed", "Decided InReview", "Decided Reported", "Decided Closed", "Reported Closed", "Closed Open",
            ],
            steps);
    }

    private static Task<List<string>> LoggedAsync(CaseRoom room) => room.Store.ReadAsync(
        async connection => (await connection.QueryAsync<string>("SELECT action FROM audit_entry")).ToList(), default);

    private static Task<string> EverythingAsync(CaseRoom room) => room.Store.ReadAsync(
        async connection =>
        {
            var seen = new StringBuilder();
            foreach (var table in new[]
                     {
                         "review_case", "case_upload", "case_key", "case_note", "case_decision", "verdict_change", "scan_record",
                         "audit_entry", "evidence", "evidence_facts",
                     })
            {
                foreach (IDictionary<string, object?> row in await connection.QueryAsync($"SELECT * FROM {table}"))
                {
                    foreach (var value in row.Values)
                    {
                        seen.Append(value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{value}").Append('|');
                    }
                }
            }

            return seen.ToString();
        },
        default);
}
