using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Palisade.Testing;

namespace Palisade.Tests.Verification;

/// <summary>
/// T14.6 of the security model: one byte changed at random in each of many copies. Found means that verification names
/// something, or that the byte carries nothing: every row of every table then still reads as it was written.
/// </summary>
public sealed class DamagedCopiesTests
{
    /// <summary>60 for each push; PALISADE_TEST_DAMAGES=1000 at night (tests/long/damaged-copies.sh).</summary>
    private static readonly int Copies = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_DAMAGES") ?? "60", CultureInfo.InvariantCulture);

    private static readonly int Seed = int.Parse(
        Environment.GetEnvironmentVariable("PALISADE_TEST_SEED") ?? "20270301", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_byte_damaged_at_random_in_any_stored_file_is_found()
    {
        using var scratch = new ScratchFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
        await using (var house = await House.OpenAsync(scratch["whole"], clock))
        {
            await house.BankAsync("ours", 20);
            await house.FillAsync(60);
        }

        var files = Directory.EnumerateFiles(scratch["whole"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Name: Path.GetRelativePath(scratch["whole"], path), new FileInfo(path).Length)).ToList();
        var whole = ContentOf(scratch["whole"]);
        var random = new Random(Seed);
        var (named, unused) = (0, 0);
        var missed = new List<string>();
        for (var copy = 0; copy < Copies; copy++)
        {
            var damage = Pick(files, random);
            var folder = scratch["copy"];
            ScratchFolder.Copy(scratch["whole"], folder);
            Change(Path.Combine(folder, damage.Name), damage.At, damage.Bits);

            var (report, _) = await House.VerifyAsync(folder, clock);
            if (!report.IsWhole)
            {
                named++;
            }
            else if (damage.Name == "palisade.db" && ContentOf(folder) == whole)
            {
                unused++;
            }
            else
            {
                missed.Add(damage.ToString());
            }

            Directory.Delete(folder, recursive: true);
        }

        Measured.Say($"seed {Seed}: {Copies} copies, {named} named, {unused} in unused space, {missed.Count} missed");
        Assert.Empty(missed);
        Assert.True(named > Copies / 3, "Too few bytes were of any use to try anything.");
    }

    private static (string Name, long At, byte Bits) Pick(List<(string Name, long Length)> files, Random random)
    {
        var at = random.NextInt64(files.Sum(file => file.Length));
        foreach (var (name, length) in files)
        {
            if (at < length)
            {
                return (name, at, (byte)(1 << random.Next(8)));
            }

            at -= length;
        }

        throw new System.Diagnostics.UnreachableException();
    }

    private static void Change(string path, long at, byte bits)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ bits));
    }

    /// <summary>Every row of every table, read without any of our checks.</summary>
    private static string ContentOf(string folder)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var connection = new SqliteConnection($"Data Source=file:{Path.Combine(folder, "palisade.db")}?immutable=1;Mode=ReadOnly;Pooling=False");
        connection.Open();
        try
        {
            foreach (var (name, sql) in connection.Query<(string, string?)>("SELECT name, sql FROM sqlite_master ORDER BY name").ToList())
            {
                digest.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name}\n{sql}\n"));
            }

            foreach (var table in connection.Query<string>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").ToList())
            {
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT * FROM \"{table}\" ORDER BY 1, 2";
                using var rows = command.ExecuteReader();
                while (rows.Read())
                {
                    for (var column = 0; column < rows.FieldCount; column++)
                    {
                        var value = rows.GetValue(column);
                        var text = value as byte[] is { } bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture);
                        digest.AppendData(System.Text.Encoding.UTF8.GetBytes($"{value.GetType().Name} {text}\n"));
                    }
                }
            }
        }
        catch (SqliteException error)
        {
            return $"cannot be read: {error.SqliteErrorCode}";
        }

        return Convert.ToHexString(digest.GetHashAndReset());
    }
}
