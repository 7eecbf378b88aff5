using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using NSec.Cryptography;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Evidence;

/// <summary>
/// The container's published vectors (tests/vectors/evidence): we write them bit for bit, and an opener in another language
/// that knows only the description opens them.
/// </summary>
public sealed class ContainerVectorTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot(), "tests", "vectors", "evidence");

    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static TheoryData<string> Names => [.. Vectors().Select(vector => vector.Name)];

    [Theory, MemberData(nameof(Names))]
    public void We_write_the_vector_bit_for_bit(string name)
    {
        var vector = Vectors().Single(one => one.Name == name);

        Assert.Equal(File.ReadAllBytes(PathOf(name, "sealed")), Seal(vector));
        Assert.Equal(File.ReadAllBytes(PathOf(name, "wrapped")), Wrap(vector));
    }

    [Theory, MemberData(nameof(Names))]
    public async Task An_opener_in_another_language_opens_the_vector(string name)
    {
        var vector = Vectors().Single(one => one.Name == name);

        var byPrivateKey = await OpenAsync(
            "--private-key-file", Path.Combine(Folder, "recipient.key"), "--wrapped-key-file", PathOf(name, "wrapped"),
            "--bound", BoundOf(vector), PathOf(name, "sealed"));

        Assert.Equal((0, vector.ClearSha256), (byPrivateKey.ExitCode, Convert.ToHexStringLower(SHA256.HashData(byPrivateKey.Clear))));
        using var told = JsonDocument.Parse(byPrivateKey.Error);
        Assert.Equal(vector.Id, told.RootElement.GetProperty("id").GetString());
        Assert.Equal(vector.ClearBytes, told.RootElement.GetProperty("size").GetInt32());
        Assert.Equal(vector.ClearSha256, told.RootElement.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task The_other_opener_opens_what_the_vault_took_and_refuses_what_we_refuse()
    {
        await using var fixture = await VaultFixture.CreateAsync(TestEngine.Sqlite);
        var bytes = RandomNumberGenerator.GetBytes(600_000);
        var id = await fixture.TakeAsync(bytes);
        var file = Directory.GetFiles(fixture.Folder).Single();
        var keyFile = Path.Combine(fixture.Test.Folder, "data.key");
        await File.WriteAllBytesAsync(
            keyFile, (await fixture.Keys.FindKeptAsync(EvidenceVault.BoundOf(id, SealedPurpose.Original), CancellationToken.None))!);
        var container = await File.ReadAllBytesAsync(file);

        Assert.Equal(bytes, (await OpenAsync("--data-key-file", keyFile, file)).Clear);
        foreach (var change in new Func<byte[]>[]
                 {
                     () => Flipped(container, 20), () => Flipped(container, 40), () => Flipped(container, 300_000),
                     () => container[..^1], () => container[..(64 + (256 << 10) + 16)], () => [.. container, 0],
                 })
        {
            var changed = Path.Combine(fixture.Test.Folder, "changed.sealed");
            await File.WriteAllBytesAsync(changed, change());
            var refused = await OpenAsync("--data-key-file", keyFile, changed);
            Assert.Equal(1, refused.ExitCode);
            Assert.StartsWith("refused: ", refused.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Writes the vectors anew, before they are read, when PALISADE_WRITE_VECTORS is 1; for a new version of the format only,
    /// since published vectors do not change.
    /// </summary>
    private static void WriteVectors()
    {
        Directory.CreateDirectory(Folder);
        (string Name, int ClearBytes, SealedPurpose Purpose)[] wanted =
        [
            ("empty", 0, SealedPurpose.Original), ("one-byte", 1, SealedPurpose.Original), ("one-full-chunk", 4096, SealedPurpose.Original),
            ("chunk-and-a-byte", 4097, SealedPurpose.Original), ("three-chunks", 10_000, SealedPurpose.Original), ("facts", 500, SealedPurpose.Facts),
        ];
        var vectors = wanted.Select((one, i) => new Vector(
            one.Name,
            "evd_000102030405060708090a0b0c0d0e0f",
            Words.Of(one.Purpose),
            Convert.ToHexStringLower(SHA256.HashData([(byte)i, .. "palisade vector data key"u8])),
            Convert.ToHexStringLower(SHA256.HashData([(byte)i, .. "palisade vector ephemeral"u8])),
            one.ClearBytes,
            Convert.ToHexStringLower(SHA256.HashData(ClearOf(one.ClearBytes))))).ToList();
        File.WriteAllText(Path.Combine(Folder, "recipient.key"), Convert.ToHexStringLower(SHA256.HashData("palisade vector recipient"u8)) + "\n");
        File.WriteAllText(
            Path.Combine(Folder, "vectors.json"),
            JsonSerializer.Serialize(vectors, Readable) + "\n");
        foreach (var vector in vectors)
        {
            File.WriteAllBytes(PathOf(vector.Name, "sealed"), Seal(vector));
            File.WriteAllBytes(PathOf(vector.Name, "wrapped"), Wrap(vector));
        }
    }

    private static byte[] Flipped(byte[] container, int at)
    {
        var changed = (byte[])container.Clone();
        changed[at] ^= 1;
        return changed;
    }

    /// <summary>Byte i is the lowest byte of i * i + 7 * i.</summary>
    private static byte[] ClearOf(int length) => [.. Enumerable.Range(0, length).Select(i => unchecked((byte)((i * i) + (7 * i))))];

    private static byte[] Seal(Vector vector)
    {
        Assert.True(EvidenceId.TryParse(vector.Id, out var id));
        using var container = new MemoryStream();
        using var writer = new SealedWriter(
            container, new SealedHeader(id, Words.Parse<SealedPurpose>(vector.Purpose), 4096), Convert.FromHexString(vector.DataKey));
        writer.Write(ClearOf(vector.ClearBytes));
        Assert.Equal(vector.ClearSha256, Convert.ToHexStringLower(writer.Complete()));
        return container.ToArray();
    }

    private static byte[] Wrap(Vector vector)
    {
        using var recipient = Import(File.ReadAllText(Path.Combine(Folder, "recipient.key")).Trim());
        using var ephemeral = Import(vector.EphemeralPrivateKey);
        return WrappedKey.Wrap(1, ephemeral, recipient.PublicKey, Convert.FromHexString(vector.DataKey), BoundOf(vector));
    }

    private static string BoundOf(Vector vector) => $"evidence/{vector.Id}/{vector.Purpose}/1";

    private static Key Import(string hex) => Key.Import(KeyAgreementAlgorithm.X25519, Convert.FromHexString(hex), KeyBlobFormat.RawPrivateKey);

    private static List<Vector> Vectors()
    {
        if (Environment.GetEnvironmentVariable("PALISADE_WRITE_VECTORS") == "1")
        {
            WriteVectors();
        }

        var path = Path.Combine(Folder, "vectors.json");
        return File.Exists(path) ? JsonSerializer.Deserialize<List<Vector>>(File.ReadAllBytes(path), JsonSerializerOptions.Web)! : [];
    }

    private static string PathOf(string name, string extension) => Path.Combine(Folder, $"{name}.{extension}");

    private static async Task<(int ExitCode, byte[] Clear, string Error)> OpenAsync(params string[] arguments)
    {
        OptionalPart.Require(await HasNodeAsync(), "Node 18 or newer: apt-get install nodejs");
        using var process = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(RepositoryRoot(), "samples", "open-evidence", "open-evidence.mjs"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        using var clear = new MemoryStream();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(clear);
        await process.WaitForExitAsync();
        return (process.ExitCode, clear.ToArray(), await error);
    }

    private static async Task<bool> HasNodeAsync()
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var version = await probe.StandardOutput.ReadToEndAsync();
            return int.Parse(version.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture) >= 18;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Palisade.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    /// <param name="EphemeralPrivateKey">Hexadecimal. Fixed here alone, so that the wrapped key can be compared.</param>
    private sealed record Vector(
        string Name, string Id, string Purpose, string DataKey, string EphemeralPrivateKey, int ClearBytes, string ClearSha256);
}
