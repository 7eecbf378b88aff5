using Dapper;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Audit;

/// <summary>
/// T15.3: entries edited, dropped, inserted, swapped, cut off or forked, by somebody who may hold the bank key and so can
/// write rows that look whole. The first bad one is named each time.
/// </summary>
public sealed class TamperingTests
{
    private const int Entries = 700;

    /// <summary>1,000 by the script tests/long/audit-tampering.sh; some in each ordinary run.</summary>
    private static readonly int Copies = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TAMPERED_COPIES") ?? "60", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_first_bad_entry_of_every_tampered_copy_is_named()
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        await audit.AddAsync(Entries);
        var signed = await audit.SignAsync();
        var seed = 20270301;
        var random = new Random(seed);
        var missed = new List<string>();

        for (var copy = 0; copy < Copies; copy++)
        {
            var at = random.Next(1, Entries);
            var kind = (Tampering)(copy % Enum.GetValues<Tampering>().Length);
            var expected = await TamperAsync(audit, kind, at, isSealed: random.Next(2) == 0);

            var first = (await audit.FindDamageAsync(signed)).Select(damage => damage.Number).FirstOrDefault(-1);
            if (first != expected)
            {
                missed.Add($"{kind} at {at}, copy {copy}: {first} instead of {expected}");
            }

            await RestoreAsync(audit);
        }

        Assert.True(missed.Count == 0, $"seed {seed}: {string.Join("; ", missed)}");
        Assert.Empty(await audit.FindDamageAsync(signed));
    }

    [Theory]
    [InlineData("tile/0/001")]
    [InlineData("tile/entries/001")]
    [InlineData("tile/0/002.p/188")]
    [InlineData("tile/entries/002.p/188")]
    [InlineData("tile/1/000.p/2")]
    public async Task A_byte_that_was_changed_in_the_folder_is_noticed(string file)
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        await audit.AddAsync(Entries);
        var signed = await audit.SignAsync();
        var path = Path.Combine(audit.Sequencer.Tiles.Folder, file);
        var whole = await File.ReadAllBytesAsync(path);

        foreach (var at in (int[])[0, 5, whole.Length / 2, whole.Length - 1])
        {
            var changed = whole.ToArray();
            changed[at] ^= 4;
            await File.WriteAllBytesAsync(path, changed);
            Assert.NotEmpty(await audit.FindDamageAsync(signed));
        }

        await File.WriteAllBytesAsync(path, whole);
        Assert.Empty(await audit.FindDamageAsync(signed));
    }

    [Fact]
    public async Task A_log_forked_with_its_own_keys_is_not_the_one_that_a_witness_saw()
    {
        await using var audit = await AuditFixture.CreateAsync(TestEngine.Sqlite);
        await audit.AddAsync(20);
        var seen = await audit.SignAsync();
        await RewriteAsync(audit, 12, "case/other");
        Directory.Delete(audit.Sequencer.Tiles.Folder, recursive: true);
        await audit.ExecuteAsync("DELETE FROM audit_signing");

        var forked = await audit.SignAsync(await audit.OpenSequencerAsync(audit.Log));
        await audit.AddAsync(5);

        Assert.Equal(seen.Size, forked.Size);
        Assert.False(ProofCheck.Consistency(
            seen.Size, forked.Size, new TiledTree(audit.Sequencer.Tiles, forked.Size).ProveConsistency(seen.Size), seen.Root, forked.Root));
    }

    private enum Tampering
    {
        Edit,
        Drop,
        Insert,
        Swap,
        Truncate,
        Fork,
    }

    /// <returns>The first entry that is not what was signed.</returns>
    private static async Task<long> TamperAsync(AuditFixture audit, Tampering kind, int at, bool isSealed)
    {
        await audit.ExecuteAsync("CREATE TABLE untouched AS SELECT * FROM audit_entry");
        switch (kind)
        {
            case Tampering.Edit when isSealed:
                await RewriteAsync(audit, at, "case/other");
                return at;

            case Tampering.Edit:
                await audit.ExecuteAsync("UPDATE audit_entry SET reason = 'another' WHERE seq = @at", new { at });
                return at;

            case Tampering.Drop:
                await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq = @at", new { at });
                await RenumberAsync(audit, at + 1, -1, isSealed);
                return at;

            case Tampering.Insert:
                await RenumberAsync(audit, at, 1, isSealed);
                await InsertAsync(audit, new AuditRecord
                {
                    Number = at,
                    At = audit.Clock.GetUtcNow(),
                    Action = "case.opened",
                    Actor = audit.Log.Actors.PseudonymOf(AuditFixture.By),
                    Subject = "case/invented",
                });
                return at;

            case Tampering.Swap:
                var (first, second) = ((await audit.Log.FindAsync(at, default))!, (await audit.Log.FindAsync(at + 1, default))!);
                await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq IN (@at, @at + 1)", new { at });
                await InsertAsync(audit, second with { Number = at });
                await InsertAsync(audit, first with { Number = at + 1 });
                return at;

            case Tampering.Truncate:
                await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq >= @at", new { at });
                return at;

            default:
                var rest = await audit.Log.ListAsync(new AuditFilter(), Entries - at + 1, default);
                await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq >= @at", new { at });
                foreach (var record in rest)
                {
                    await InsertAsync(audit, record with { At = record.At.AddSeconds(1) });
                }

                return at;
        }
    }

    private static async Task RewriteAsync(AuditFixture audit, long number, string subject)
    {
        var record = (await audit.Log.FindAsync(number, default))!;
        await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq = @number", new { number });
        await InsertAsync(audit, record with { Subject = subject });
    }

    private static async Task RenumberAsync(AuditFixture audit, long from, int by, bool isSealed)
    {
        var moved = await audit.Log.ListAsync(new AuditFilter(), (int)Math.Max(0, Entries - from + 1), default);
        if (isSealed)
        {
            await audit.ExecuteAsync("DELETE FROM audit_entry WHERE seq >= @from", new { from });
            await audit.Test.Store.WriteAsync(
                async transaction =>
                {
                    await audit.Log.Table.InsertAsync(transaction, moved.Where(record => record.Number >= from).Select(record => record with { Number = record.Number + by }));
                    return 0;
                },
                default);
            return;
        }

        await audit.ExecuteAsync("UPDATE audit_entry SET seq = -(seq + @by) WHERE seq >= @from", new { by, from });
        await audit.ExecuteAsync("UPDATE audit_entry SET seq = -seq WHERE seq < 0");
    }

    private static Task<int> InsertAsync(AuditFixture audit, AuditRecord record) => audit.Test.Store.WriteAsync(
        async transaction =>
        {
            await audit.Log.Table.InsertAsync(transaction, [record]);
            return 0;
        },
        default);

    private static async Task RestoreAsync(AuditFixture audit)
    {
        await audit.ExecuteAsync("DELETE FROM audit_entry");
        await audit.ExecuteAsync("INSERT INTO audit_entry SELECT * FROM untouched");
        await audit.ExecuteAsync("DROP TABLE untouched");
    }
}
