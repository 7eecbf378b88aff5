using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Palisade.Storage;
using Palisade.Testing;
using Palisade.Verification;

namespace Palisade.Tests.Verification;

/// <summary>T14.6 by hand, item by item; <see cref="DamagedCopiesTests"/> tries it at random.</summary>
public sealed class VerifierTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ScratchFolder _scratch = new();
    private House _house = null!;

    private string Data => _scratch["data"];

    public async ValueTask InitializeAsync()
    {
        _house = await House.OpenAsync(Data, _clock);
        await _house.BankAsync("ours", 3);
        await _house.FillAsync(3);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_folder_at_rest_is_found_whole_and_no_byte_and_no_time_in_it_changes()
    {
        await _house.DisposeAsync();
        var before = ScratchFolder.Photograph(Data);

        var (report, findings) = await House.VerifyAsync(Data, _clock);

        Assert.Empty(findings);
        Assert.Equal((3, true), (report.Evidence, report.IsWhole));
        Assert.True(report.LogEntries > 10);
        Assert.Equal(before, ScratchFolder.Photograph(Data));
    }

    [Fact]
    public async Task Beside_a_service_with_the_folder_open_nothing_changes_either()
    {
        var before = Photograph();

        var (_, findings) = await _house.VerifyAsync();

        Assert.Empty(findings);
        Assert.Equal(before, Photograph());

        // The service's own shared memory: one process has it open once only, so here the verifier reads by the service's.
        string Photograph() => string.Join('\n', ScratchFolder.Photograph(Data).Split('\n').Where(line => !line.Contains("-shm", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task After_a_kill_the_log_of_the_store_is_read_and_left_alone()
    {
        var killed = _scratch["killed"];
        ScratchFolder.Copy(Data, killed);
        Assert.True(new FileInfo(Path.Combine(killed, "palisade.db-wal")).Length > 0);
        var before = ScratchFolder.Photograph(killed);

        var (report, findings) = await House.VerifyAsync(killed, _clock);

        Assert.Empty(findings);
        Assert.Equal(3, report.Evidence);
        Assert.Equal(before, ScratchFolder.Photograph(killed));
    }

    [Fact]
    public async Task An_unsealed_verification_checks_every_tag_as_well()
    {
        await _house.DisposeAsync();
        using var secret = TestKeys.NewSecret();

        var (report, findings) = await House.VerifyAsync(Data, _clock, secret);

        Assert.Empty(findings);
        Assert.DoesNotContain(report.NotExamined, gap => gap.Contains("Tags", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("UPDATE scan_record SET service = 'other' WHERE rowid = 1", FindingKind.Damaged, "record scan_record scn_")]
    [InlineData("UPDATE migration SET checksum = 'x' WHERE number = 3", FindingKind.Damaged, "record migration row ")]
    [InlineData("UPDATE bank SET max_distance_bits = 60", FindingKind.Damaged, "record bank 1")]
    [InlineData("UPDATE signal SET state = 3 WHERE id = 2", FindingKind.Damaged, "record signal 2")]
    [InlineData("UPDATE review_case SET uploads = 9 WHERE number = 2", FindingKind.Damaged, "record review_case cas_")]
    [InlineData("UPDATE evidence SET case_id = 'cas_x' WHERE rowid = 1", FindingKind.Damaged, "record evidence evd_")]
    [InlineData("UPDATE sequence SET value = 1 WHERE name = 'audit'", FindingKind.Damaged, "record sequence audit")]
    [InlineData("UPDATE audit_entry SET action = 'case.closed' WHERE seq = 4", FindingKind.Damaged, "log entry 4")]
    [InlineData("DELETE FROM audit_entry WHERE seq = 5", FindingKind.Missing, "log entry 5")]
    [InlineData("DELETE FROM case_note WHERE rowid = 1", FindingKind.Missing, "record case_note row 1")]
    [InlineData("DELETE FROM wrapped_key WHERE bound LIKE 'evidence/%'", FindingKind.Missing, "key of evidence evd_")]
    [InlineData("INSERT INTO matched_uploads SELECT 2, 7 WHERE 0; INSERT INTO case_key SELECT x'00112233', id FROM review_case LIMIT 1", FindingKind.Extra, "record case_key")]
    [InlineData("CREATE TABLE stowaway (id INTEGER)", FindingKind.Extra, "definition table stowaway")]
    [InlineData("DROP INDEX signal_bank", FindingKind.Missing, "definition index signal_bank")]
    public async Task What_was_done_to_the_store_past_Palisade_is_named(string sql, FindingKind kind, string item)
    {
        await _house.DisposeAsync();
        ExecutePastPalisade(sql);

        var (_, findings) = await House.VerifyAsync(Data, _clock);

        Assert.Contains(findings, finding => finding.Kind == kind && finding.Item.StartsWith(item, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evidence/*.sealed", "evidence evd_")]
    [InlineData("audit/checkpoint", "checkpoint in the log's folder")]
    [InlineData("audit/tile/entries/*", "log entry ")]
    [InlineData("audit/tile/0/*", "log")]
    [InlineData("bank.key", "file bank.key")]
    [InlineData("audit.key", "file audit.key")]
    [InlineData("audit.pub", "file audit.pub")]
    public async Task A_changed_file_is_named(string pattern, string item)
    {
        await _house.DisposeAsync();
        var file = Directory.EnumerateFiles(Path.Combine(Data, Path.GetDirectoryName(pattern)!), Path.GetFileName(pattern), SearchOption.AllDirectories).First();
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var (_, findings) = await House.VerifyAsync(Data, _clock);

        Assert.Contains(findings, finding => finding.Item.StartsWith(item, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evidence", FindingKind.Missing, "evidence evd_")]
    [InlineData("audit", FindingKind.Missing, "checkpoint in the log's folder")]
    public async Task A_folder_that_is_gone_is_named_item_by_item(string folder, FindingKind kind, string item)
    {
        await _house.DisposeAsync();
        Directory.Delete(Path.Combine(Data, folder), recursive: true);

        var (_, findings) = await House.VerifyAsync(Data, _clock);

        Assert.Contains(findings, finding => finding.Kind == kind && finding.Item.StartsWith(item, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evidence/holiday.jpg")]
    [InlineData("audit/tile/0/notes.txt")]
    public async Task A_file_that_nobody_wrote_is_named(string name)
    {
        await _house.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(Data, name), "stray", TestContext.Current.CancellationToken);

        var (_, findings) = await House.VerifyAsync(Data, _clock);

        var finding = Assert.Single(findings);
        Assert.Equal((FindingKind.Extra, "file " + name), (finding.Kind, finding.Item));
    }

    [Fact]
    public async Task A_store_set_back_to_an_older_state_lacks_entries_that_were_signed()
    {
        var older = _scratch["older"];
        ScratchFolder.Copy(Data, older);
        await _house.FillAsync(1, firstSeed: 50);
        await _house.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(older, "palisade.db*"))
        {
            File.Copy(file, Path.Combine(Data, Path.GetFileName(file)), overwrite: true);
        }

        var (_, findings) = await House.VerifyAsync(Data, _clock);

        Assert.Contains(findings, finding => finding.Kind == FindingKind.Missing && finding.Item.StartsWith("log entries ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused_in_words()
    {
        await _house.DisposeAsync();
        ExecutePastPalisade("INSERT INTO migration (number, name, checksum, applied_at) VALUES (9999, '9999_future', 'x', 0)");

        var error = await Assert.ThrowsAsync<StoreUnusableException>(() => House.VerifyAsync(Data, _clock));

        Assert.Contains("newer Palisade", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_were_there_before_checksums_get_them_with_the_first_start()
    {
        await _house.DisposeAsync();
        ExecutePastPalisade("DROP TABLE row_check; DROP TABLE row_check_table");
        _house = await House.OpenAsync(Data, _clock);
        await _house.DisposeAsync();

        var (_, findings) = await House.VerifyAsync(Data, _clock);

        Assert.Empty(findings);
    }

    private void ExecutePastPalisade(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "palisade.db")};Pooling=False");
        connection.Open();
        connection.Execute("PRAGMA foreign_keys = 0; " + sql);
    }
}
