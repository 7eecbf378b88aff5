using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Scanning;
using Palisade.Testing;

namespace Palisade.Tests.Review;

/// <summary>T14.1 of the security model for the whole transaction: record, case, evidence, feed line and audit entries.</summary>
public sealed class CaseCrashTests
{
    /// <summary>10 for each push; a quarter of PALISADE_TEST_KILLS at night.</summary>
    private static readonly int Kills = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_KILLS") ?? "40", CultureInfo.InvariantCulture) / 4;

    [Fact]
    public async Task An_acknowledged_scan_has_its_case_its_evidence_its_line_and_its_entries_after_a_kill_at_any_moment()
    {
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        var random = new Random(20270301);
        var acknowledged = new Dictionary<ScanId, string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await RunAndKillAsync(test.Folder, random.Next(1, 60), acknowledged);
        }

        var store = await test.OpenAnotherAsync();
        await using var room = await CaseRoom.OpenAsync(null, store, test.Folder, TimeProvider.System);
        Assert.True(acknowledged.Count >= Kills);
        var uploads = await UploadsAsync(room);
        var lines = (await LinesAsync(room)).ToHashSet();
        foreach (var (scan, sha256) in acknowledged)
        {
            Assert.Equal(VerdictAction.Hold, (await room.Records.FindAsync(scan, default))!.Verdict);
            Assert.Contains(scan, lines);
            var evidence = uploads[scan.ToString()].Evidence!.Value;
            var bytes = new MemoryStream();
            await room.Vault.OpenAsync(evidence, bytes, CaseRoom.Anna, "to compare", default);
            Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())));
        }

        // Nothing is half there: every upload of a case has its row of evidence, its line and its two entries, acknowledged or not.
        var (evidenceRows, feedLines, caseEntries, sealEntries) = await room.Store.ReadAsync(
            connection => connection.QuerySingleAsync<(long, long, long, long)>(
                """
                SELECT (SELECT COUNT(*) FROM evidence), (SELECT COUNT(*) FROM verdict_change),
                    (SELECT COUNT(*) FROM audit_entry WHERE action IN ('case.opened', 'case.joined')),
                    (SELECT COUNT(*) FROM audit_entry WHERE action = 'evidence.sealed')
                """),
            default);
        Assert.Equal(
            (uploads.Count, uploads.Count, uploads.Count, uploads.Count),
            ((int)evidenceRows, (int)feedLines, (int)caseEntries, (int)sealEntries));
    }

    private static async Task RunAndKillAsync(string folder, int afterLines, Dictionary<ScanId, string> acknowledged)
    {
        using var writer = CaseWriterProcess.Start(folder);
        var lines = 0;
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(CaseWriterProcess.Acknowledged, StringComparison.Ordinal))
            {
                var parts = line[CaseWriterProcess.Acknowledged.Length..].Split(' ');
                Assert.True(ScanId.TryParse(parts[0], out var scan));
                acknowledged[scan] = parts[1];
                if (++lines == afterLines)
                {
                    writer.Kill(entireProcessTree: true);
                }
            }
        }

        await writer.WaitForExitAsync();
    }

    private static async Task<Dictionary<string, CaseUpload>> UploadsAsync(CaseRoom room)
    {
        var lines = new CaseLines(new CaseTable(room.Key).Seal);
        var uploads = new Dictionary<string, CaseUpload>(StringComparer.Ordinal);
        foreach (var record in await room.AllAsync())
        {
            var all = await room.Store.ReadAsync(connection => lines.UploadsAsync(connection, record.Id, 0, int.MaxValue), default);
            Assert.Equal(record.Uploads, all.Count);
            foreach (var upload in all)
            {
                uploads.Add(upload.Source, upload);
            }
        }

        return uploads;
    }

    private static async Task<List<ScanId>> LinesAsync(CaseRoom room)
    {
        var found = new List<ScanId>();
        for (var after = 0L; await room.Feed.ReadAfterAsync(after, 1000, default) is { Count: > 0 } page; after = page[^1].Sequence)
        {
            found.AddRange(page.Select(line => line.Scan!.Value));
        }

        return found;
    }
}
