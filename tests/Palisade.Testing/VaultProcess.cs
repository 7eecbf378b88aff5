using System.Diagnostics;
using System.Globalization;
using System.Text;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Testing;

/// <summary>
/// This very program run once more as a process that takes evidence, or rotates the sealing key, until it is killed, refused or
/// done. What it prints counts as acknowledged.
/// </summary>
public static class VaultProcess
{
    public const string Acknowledged = "acknowledged ";
    public const string Refused = "refused ";
    public const string Rotated = "rotated";

    private const string FolderVariable = "PALISADE_TEST_VAULT_FOLDER";
    private const string ActVariable = "PALISADE_TEST_VAULT_ACT";
    private const string ItemsVariable = "PALISADE_TEST_VAULT_ITEMS";

    public static Process Take(string folder, int items, params string[] under) => Start("take", folder, items, under);

    /// <summary>Begins a rotation unless one is unfinished, and brings it to its end.</summary>
    public static Process Rotate(string folder, params string[] under) => Start("rotate", folder, 0, under);

    /// <summary>The bytes of item number n, so that whoever reads it later knows what it must be.</summary>
    public static byte[] BytesOf(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[random.Next(1, 600_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Does its work when this process was started for it; otherwise the tests go on.</summary>
    public static void ActInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
        {
            ActAsync(folder).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
    }

    private static Process Start(string act, string folder, int items, string[] under)
    {
        string[] command = [.. under, Environment.ProcessPath!];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment[FolderVariable] = folder;
        start.Environment[ActVariable] = act;
        start.Environment[ItemsVariable] = items.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }

    private static async Task ActAsync(string folder)
    {
        using var output = Console.OpenStandardOutput();
        try
        {
            await using var store = await Store.OpenAsync(new StoreOptions { Folder = folder }, TimeProvider.System, CancellationToken.None);
            using var bankKey = await BankKey.OpenOrCreateAsync(folder, store, CancellationToken.None);
            var audit = new AuditLog(store, bankKey, TimeProvider.System);
            using var keys = await TestKeys.CreateUnsealedAsync(store, bankKey, audit, TimeProvider.System);
            if (Environment.GetEnvironmentVariable(ActVariable) == "rotate")
            {
                await RotateAsync(keys, output);
            }
            else
            {
                var vault = new EvidenceVault(store, keys, audit, Path.Combine(folder, EvidenceVault.FolderName), TimeProvider.System);
                await TakeAsync(store, vault, output);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or AuditUnavailableException or System.Data.Common.DbException)
        {
            Print(output, Refused + exception.Message.ReplaceLineEndings(" "));
        }
    }

    private static async Task TakeAsync(Store store, EvidenceVault vault, Stream output)
    {
        var items = int.Parse(Environment.GetEnvironmentVariable(ItemsVariable)!, CultureInfo.InvariantCulture);
        for (var i = 0; i < items; i++)
        {
            var seed = System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue);
            using var staged = await vault.StageAsync(BytesOf(seed), Facts, CancellationToken.None);
            await store.WriteAsync(
                async transaction =>
                {
                    await vault.AdmitAsync(transaction, staged, "cas_1", Actor.Palisade);
                    return 0;
                },
                CancellationToken.None);
            Print(output, $"{Acknowledged}{staged.Id} {seed.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    private static async Task RotateAsync(SealingKeys keys, Stream output)
    {
        var rotation = new KeyRotation(keys);
        using var secret = TestKeys.NewSecret();
        if (!await rotation.IsUnfinishedAsync(CancellationToken.None))
        {
            Assert.Null(await rotation.BeginAsync(secret, (_, _, _) => Task.FromResult<string?>(null), Actor.Palisade, CancellationToken.None));
            Assert.Null(await keys.UnsealAsync(secret, Actor.Palisade, "to rotate", CancellationToken.None));
        }

        Print(output, "begun");
        RotationResult result;
        do
        {
            result = await rotation.FinishAsync(Actor.Palisade, new Progress(output), CancellationToken.None);
        }
        while (!result.IsRetired && result.Damaged.Count == 0);
        Print(output, Rotated);
    }

    private static EvidenceFacts Facts => new()
    {
        Source = "scn_test",
        Service = "test",
        CapturedAt = DateTimeOffset.UnixEpoch,
        Digests = new Dictionary<string, string>(StringComparer.Ordinal),
    };

    private static void Print(Stream output, string line) => output.Write(Encoding.ASCII.GetBytes(line + "\n"));

    private sealed class Progress(Stream output) : IProgress<(long Done, long All)>
    {
        public void Report((long Done, long All) value) => Print(output, $"moved {value.Done}");
    }
}
