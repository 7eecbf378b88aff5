using System.Data.Common;
using System.Globalization;
using Dapper;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Storage;

/// <summary>T14.3 of the security model, as far as it can be had without a special file system.</summary>
public sealed class FaultTests
{
    private const string Acknowledged = "acknowledged ";

    [Fact]
    public async Task A_full_disk_is_told_in_words_and_writing_goes_on_when_there_is_room()
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite);
        await ExecuteAsync(test.Store, "CREATE TABLE note (body TEXT NOT NULL)");
        await AddNoteAsync(test.Store, "before");
        await ExecuteAsync(test.Store, "PRAGMA max_page_count = 1");

        var refusal = await Assert.ThrowsAsync<IOException>(() => AddNoteAsync(test.Store, new string('x', 1_000_000)));
        await ExecuteAsync(test.Store, "PRAGMA max_page_count = 1000000");
        await AddNoteAsync(test.Store, "after");

        Assert.Contains("Make room", refusal.Message, StringComparison.Ordinal);
        Assert.False(test.Store.Failed.IsCancellationRequested);
        var notes = await test.Store.ReadAsync(connection => connection.QueryAsync<string>("SELECT body FROM note"), default);
        Assert.Equal(["before", "after"], notes);
    }

    [Fact]
    public async Task A_commit_that_does_not_reach_the_disk_stops_the_store_and_loses_nothing_acknowledged()
    {
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);
        using var writer = WriterProcess.StartLimited(test.Folder, writers: 4, mostFileBytes: 2_000_000);

        var lines = (await writer.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await writer.WaitForExitAsync();
        var kept = await KeptAsync(test);

        var refused = lines.Where(line => !line.StartsWith(Acknowledged, StringComparison.Ordinal)).ToList();
        Assert.Equal(4, refused.Count);
        Assert.All(
            refused, line => Assert.StartsWith("refused True The store stopped", line, StringComparison.Ordinal));
        Assert.True(lines.Length > 100);
        Assert.Empty(NumbersOf(lines).Except(kept));
    }

    [Fact]
    public async Task Two_processes_that_write_without_a_pause_both_come_through()
    {
        await using var test = await TestStore.CreateUnopenedAsync(TestEngine.Sqlite);

        var lines = await Task.WhenAll(RunAsync(test.Folder), RunAsync(test.Folder));

        var numbers = lines.SelectMany(NumbersOf).ToList();
        Assert.All(lines.SelectMany(some => some), line => Assert.StartsWith(Acknowledged, line, StringComparison.Ordinal));
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.Empty(numbers.Except(await KeptAsync(test)));
    }

    [Fact]
    public async Task Only_the_owner_may_read_the_files_of_the_store()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite);

        var modes = Directory.GetFiles(test.Folder).Select(ModeOf).ToList();

        Assert.Equal(3, modes.Count);
        Assert.All(modes, mode => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode));
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static async Task<List<string>> RunAsync(string folder)
    {
        using var writer = WriterProcess.Start(folder, writers: 4);
        var lines = new List<string>();
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (lines.Count == 400)
            {
                writer.Kill();
            }
        }

        await writer.WaitForExitAsync();
        return lines;
    }

    private static IEnumerable<long> NumbersOf(IEnumerable<string> lines) => lines
        .Where(line => line.StartsWith(Acknowledged, StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(Acknowledged.Length), CultureInfo.InvariantCulture));

    private static async Task<HashSet<long>> KeptAsync(TestStore test)
    {
        var store = await test.OpenAnotherAsync();
        return await store.ReadAsync(
            async connection => (await connection.QueryAsync<long>("SELECT number FROM note")).ToHashSet(), default);
    }

    private static Task<int> AddNoteAsync(Store store, string body) =>
        store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "INSERT INTO note (body) VALUES (@body)", new { body }, transaction),
            default);

    private static Task<int> ExecuteAsync(Store store, string sql) => store.WriteAsync(
        (DbTransaction transaction) => transaction.Connection!.ExecuteAsync(sql, transaction: transaction), default);
}
