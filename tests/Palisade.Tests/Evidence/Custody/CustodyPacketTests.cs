using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Evidence.Custody;
using Palisade.Review;
using Palisade.Testing;

namespace Palisade.Tests.Evidence.Custody;

/// <summary>T15.5 of the security model: a packet verifies offline with the public key and a 200-line script.</summary>
public sealed class CustodyPacketTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ScratchFolder _scratch = new();
    private House _house = null!;
    private CaseId _case;
    private EvidenceId _evidence;

    private string Packet => _scratch["packet.zip"];

    public async ValueTask InitializeAsync()
    {
        _house = await House.OpenAsync(_scratch["data"], _clock);
        await _house.FillAsync(2);
        (_, _case, _evidence) = await _house.HoldAsync(seed: 77, bytes: 300_000);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_sealed_packet_holds_the_originals_as_they_lie_and_verifies_here_and_by_its_own_script()
    {
        var released = await ReleaseAsync(new Recipient.Sealed());

        var report = PacketVerification.Check(Packet, trustedKey: _house.Sequencer.PublicKey!.ToString());
        Assert.Empty(report.Problems);
        Assert.True(report.Events >= 5);
        Assert.False(released.Manifest.SoleOperator);
        var unpacked = Unpack();
        var record = await _house.Vault.FindAsync(_evidence, default);
        Assert.Equal(record!.SealedSha256, SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(unpacked, $"evidence/{_evidence}.sealed"), TestContext.Current.CancellationToken)));
        var (code, said) = await RunScriptAsync(unpacked);
        Assert.True(code == 0, said);
        Assert.Contains("The packet is whole", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_released_to_a_certificate_opens_with_openssl()
    {
        using var key = RSA.Create(3072);
        await ReleaseAsync(Recipient(key));

        Assert.Empty(PacketVerification.Check(Packet, null).Problems);
        var unpacked = Unpack();
        var opened = Directory.CreateDirectory(_scratch["opened"]).FullName;
        await File.WriteAllTextAsync(_scratch["key.pem"], key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await OpenWithOpensslAsync(Path.Combine(unpacked, $"evidence/{_evidence}.cms"), Path.Combine(opened, $"{_evidence}.bin"));
        await OpenWithOpensslAsync(Path.Combine(unpacked, $"facts/{_evidence}.cms"), Path.Combine(opened, $"{_evidence}.json"));
        await OpenWithOpensslAsync(Path.Combine(unpacked, "facts/case.cms"), Path.Combine(opened, "case.json"));
        Assert.Equal(House.Bytes(77, 300_000), await File.ReadAllBytesAsync(Path.Combine(opened, $"{_evidence}.bin"), TestContext.Current.CancellationToken));
        using var facts = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(opened, $"{_evidence}.json"), TestContext.Current.CancellationToken));
        Assert.Equal("uploader-77", facts.RootElement.GetProperty("uploaderToken").GetString());
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(opened, "case.json"), TestContext.Current.CancellationToken));
        Assert.Equal(1, record.RootElement.GetProperty("uploads").GetArrayLength());
        var (code, said) = await RunScriptAsync(unpacked, "--opened", opened);
        Assert.True(code == 0, said);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(100_000)]
    public async Task An_envelope_of_any_size_opens_for_its_recipient_and_for_nobody_else(int size)
    {
        using var key = RSA.Create(2048);
        using var certificate = Certificate(key);
        var clear = House.Bytes(size, size);
        await using (var file = File.Create(_scratch["envelope.cms"]))
        await using (var envelope = new CmsEnvelope(file, certificate, size))
        {
            envelope.Write(clear);
            envelope.Complete();
        }

        await File.WriteAllTextAsync(_scratch["key.pem"], key.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await OpenWithOpensslAsync(_scratch["envelope.cms"], _scratch["opened"]);
        Assert.Equal(clear, await File.ReadAllBytesAsync(_scratch["opened"], TestContext.Current.CancellationToken));

        using var other = RSA.Create(2048);
        await File.WriteAllTextAsync(_scratch["key.pem"], other.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        var (code, _) = await RunAsync("openssl", _scratch.Path, DecryptArguments(_scratch["envelope.cms"], _scratch["stolen"]));
        Assert.NotEqual(0, code);
    }

    [Fact]
    public async Task Nothing_leaves_before_a_second_person_said_yes_to_exactly_this()
    {
        var (statement, _) = await _house.Export.DescribeAsync(_case, new Recipient.Sealed(), default);
        var asked = Assert.IsType<ReleaseOutcome.NeedsApproval>(await _house.Export.RequestAsync(statement!, House.Anna, "court order", default));

        Assert.IsType<ReleaseOutcome.Refused>(await _house.Export.ReleaseAsync(statement!, asked.Approval, Packet, House.Anna, "court order", default));
        Assert.NotNull(await _house.Approvals.ApproveAsync(asked.Approval, House.Anna, default));
        Assert.Null(await _house.Approvals.ApproveAsync(asked.Approval, House.Ben, default));
        using var key = RSA.Create(2048);
        var (toAnother, _) = await _house.Export.DescribeAsync(_case, Recipient(key), default);
        Assert.IsType<ReleaseOutcome.Refused>(await _house.Export.ReleaseAsync(toAnother!, asked.Approval, Packet, House.Anna, "court order", default));
        Assert.False(File.Exists(Packet));
        Assert.IsType<ReleaseOutcome.Released>(await _house.Export.ReleaseAsync(statement!, asked.Approval, Packet, House.Anna, "court order", default));
        Assert.IsType<ReleaseOutcome.Refused>(await _house.Export.ReleaseAsync(statement!, asked.Approval, _scratch["again.zip"], House.Anna, "court order", default));
    }

    [Fact]
    public async Task The_log_announces_a_release_before_it_and_tells_its_end_after_it_also_when_it_fails()
    {
        var released = await ReleaseAsync(new Recipient.Sealed());
        var (statement, _) = await _house.Export.DescribeAsync(_case, new Recipient.Sealed(), default);
        var approval = await ApprovedAsync(statement!);
        File.Delete(Directory.EnumerateFiles(Path.Combine(_house.Folder, "evidence"), Convert.ToHexStringLower(statement!.Evidence[0].SealedSha256) + "*").Single());

        await Assert.ThrowsAnyAsync<IOException>(() => _house.Export.ReleaseAsync(statement, approval, _scratch["fails.zip"], House.Anna, "court order", default));

        var log = await _house.Audit.ListAsync(new AuditFilter { Subject = $"case/{_case}" }, 100, default);
        Assert.Equal(
            ["evidence.release-begun", "evidence.released", "evidence.release-begun", "evidence.release-failed"],
            log.Select(entry => entry.Action).Where(action => action.StartsWith("evidence.", StringComparison.Ordinal)));
        Assert.Equal(SHA256.HashData(released.Manifest.ToBytes()), log.Single(entry => entry.Action == "evidence.released").Digest);
        Assert.False(File.Exists(_scratch["fails.zip"]));
        Assert.False(File.Exists(_scratch["fails.zip.partial"]));
    }

    [Fact]
    public async Task A_sealed_service_releases_sealed_originals_and_nothing_else()
    {
        await _house.Keys.SealAsync(House.Anna, "end of shift", default);
        using var key = RSA.Create(2048);

        var (_, refusal) = await _house.Export.DescribeAsync(_case, Recipient(key), default);

        Assert.Contains("sealed", refusal, StringComparison.Ordinal);
        await ReleaseAsync(new Recipient.Sealed());
        Assert.True(PacketVerification.Check(Packet, null).IsWhole);
    }

    [Fact]
    public async Task A_sole_operators_release_says_so_everywhere()
    {
        await using var alone = await House.OpenAsync(
            _scratch["alone"], _clock, new ApprovalOptions { SingleOperatorIAccept = true });
        var (_, id, _) = await alone.HoldAsync(5);
        var (statement, _) = await alone.Export.DescribeAsync(id, new Recipient.Sealed(), default);
        var approval = await alone.Approvals.RequestAsync(
            TwoPersonOperation.ReleaseEvidence, $"case/{id}", statement!.Digest(), House.Anna, "court order", default);
        _clock.Advance(TimeSpan.FromHours(25));
        Assert.Null(await alone.Approvals.ApproveAsync(approval, House.Anna, default));

        Assert.IsType<ReleaseOutcome.Released>(await alone.Export.ReleaseAsync(statement, approval, Packet, House.Anna, "court order", default));

        var unpacked = Unpack();
        Assert.True(PacketVerification.Check(Packet, null).Manifest!.SoleOperator);
        Assert.Contains("run by one person", await File.ReadAllTextAsync(Path.Combine(unpacked, "summary.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("one person alone", (await RunScriptAsync(unpacked)).Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_summary_is_one_page_without_scripts_and_what_came_from_outside_is_text_in_it()
    {
        await ReleaseAsync(new Recipient.Sealed(), reason: "<script>alert(1)</script> & more");

        var page = await File.ReadAllTextAsync(Path.Combine(Unpack(), "summary.html"), TestContext.Current.CancellationToken);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_of_a_packet_that_is_changed_lost_or_added_is_noticed_by_both_verifiers()
    {
        await ReleaseAsync(new Recipient.Sealed());
        var whole = Unpack();
        var names = Directory.EnumerateFiles(whole, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(whole, path)).ToList();
        foreach (var name in names.Where(name => name != "manifest.json"))
        {
            await AssertNoticedAsync(whole, folder => Flip(Path.Combine(folder, name)), name);
            await AssertNoticedAsync(whole, folder => File.Delete(Path.Combine(folder, name)), name, isScriptGone: name == "verify.py");
        }

        await AssertNoticedAsync(whole, folder => File.WriteAllText(Path.Combine(folder, "evidence", "more.sealed"), "stray"), "a stray file");
    }

    [Fact]
    public async Task A_forged_entry_release_or_checkpoint_is_noticed_even_under_a_manifest_made_anew()
    {
        await ReleaseAsync(new Recipient.Sealed());
        var whole = Unpack();
        var digest = Convert.ToHexStringLower((await _house.Vault.FindAsync(_evidence, default))!.SealedSha256);

        await AssertNoticedAsync(whole, folder => Rewrite(folder, "log/events.json", "case.opened", "case.closed"), "an entry");
        await AssertNoticedAsync(whole, folder => Rewrite(folder, "release.txt", digest, new string('0', 64)), "the release");
        await AssertNoticedAsync(whole, folder => Rewrite(folder, "log/checkpoint", "tests/house\n", "tests/other\n"), "the checkpoint");
        using var stranger = Palisade.Audit.Notes.SigningKey.FromSeed(new byte[32], "tests/house", Palisade.Audit.Notes.NoteKeyKind.Log);
        Assert.False(PacketVerification.Check(Packet, stranger.Public.ToString()).IsWhole);
    }

    [Fact]
    public void A_certificate_that_would_not_protect_is_refused_in_words()
    {
        using var small = RSA.Create(1024);
        using var elliptic = ECDsa.Create();
        var now = _clock.GetUtcNow();
        using var curve = new CertificateRequest("CN=curve", elliptic, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(9));
        using var rsa = RSA.Create(2048);
        using var expired = new CertificateRequest("CN=old", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-9), now.AddDays(-1));
        using var weak = Certificate(small);

        Assert.Contains("not RSA", Refusal(curve, now), StringComparison.Ordinal);
        Assert.Contains("fewer than 2048", Refusal(weak, now), StringComparison.Ordinal);
        Assert.Contains("expired", Refusal(expired, now), StringComparison.Ordinal);
        Assert.Contains("no X.509", Palisade.Evidence.Custody.Recipient.Certificate.Read("-----BEGIN NONSENSE-----"u8, now).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_has_at_most_200_lines() =>
        Assert.InRange(ScriptLines(), 100, 200);

    internal static string Refusal(X509Certificate2 certificate, DateTimeOffset now) =>
        Palisade.Evidence.Custody.Recipient.Certificate.Read(certificate.RawData, now).Refusal!;

    private static int ScriptLines()
    {
        using var script = new StreamReader(typeof(CustodyExport).Assembly.GetManifestResourceStream("verify-packet.py")!);
        return script.ReadToEnd().TrimEnd().Split('\n').Length;
    }

    private async Task<ReleaseOutcome.Released> ReleaseAsync(Recipient recipient, string reason = "court order 12/2027")
    {
        var (statement, refusal) = await _house.Export.DescribeAsync(_case, recipient, default);
        Assert.Null(refusal);
        var approval = await ApprovedAsync(statement!);
        var outcome = await _house.Export.ReleaseAsync(statement!, approval, Packet, House.Anna, reason, default);
        return Assert.IsType<ReleaseOutcome.Released>(outcome);
    }

    private async Task<long> ApprovedAsync(ReleaseStatement statement)
    {
        var asked = (ReleaseOutcome.NeedsApproval)await _house.Export.RequestAsync(statement, House.Anna, "court order", default);
        Assert.Null(await _house.Approvals.ApproveAsync(asked.Approval, House.Ben, default));
        return asked.Approval;
    }

    private Recipient.Certificate Recipient(RSA key)
    {
        using var certificate = Certificate(key);
        return Palisade.Evidence.Custody.Recipient.Certificate.Read(
            System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()), _clock.GetUtcNow()).Recipient!;
    }

    private X509Certificate2 Certificate(RSA key) => new CertificateRequest(
        "CN=Unit 12, O=Police of Testland", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        .CreateSelfSigned(_clock.GetUtcNow().AddDays(-1), _clock.GetUtcNow().AddYears(1));

    private string Unpack()
    {
        var folder = _scratch["unpacked"];
        ZipFile.ExtractToDirectory(Packet, folder, overwriteFiles: true);
        return folder;
    }

    private async Task AssertNoticedAsync(string whole, Action<string> tamper, string what, bool isScriptGone = false)
    {
        var folder = _scratch["tampered"];
        ScratchFolder.Copy(whole, folder);
        tamper(folder);
        var zip = _scratch["tampered.zip"];
        await ZipFile.CreateFromDirectoryAsync(folder, zip, TestContext.Current.CancellationToken);

        Assert.False(PacketVerification.Check(zip, null).IsWhole, $"{what}: not noticed here");
        if (!isScriptGone)
        {
            // By the script as it was: whoever checks a packet got the script by another way.
            File.Copy(Path.Combine(whole, "verify.py"), _scratch["verify.py"], overwrite: true);
            var (code, said) = await RunAsync("python3", folder, _scratch["verify.py"]);
            Assert.True(code != 0, $"{what}: {said}");
        }

        Directory.Delete(folder, recursive: true);
        File.Delete(zip);
    }

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0)
        {
            bytes = [1];
        }

        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>Changes a file and makes the manifest fit it, as whoever forges a packet would.</summary>
    private static void Rewrite(string folder, string name, string from, string to)
    {
        var path = Path.Combine(folder, name);
        var before = SHA256.HashData(File.ReadAllBytes(path));
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        var manifest = Path.Combine(folder, "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(
            Convert.ToHexStringLower(before), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), StringComparison.Ordinal));
    }

    private static Task<(int Code, string Said)> RunScriptAsync(string folder, params string[] arguments) =>
        RunAsync("python3", folder, ["verify.py", .. arguments]);

    private string[] DecryptArguments(string from, string to) =>
        ["cms", "-decrypt", "-inform", "DER", "-binary", "-in", from, "-inkey", _scratch["key.pem"], "-out", to];

    private async Task OpenWithOpensslAsync(string from, string to)
    {
        var (code, said) = await RunAsync("openssl", _scratch.Path, DecryptArguments(from, to));
        Assert.True(code == 0, said);
    }

    private static async Task<(int Code, string Said)> RunAsync(string program, string folder, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
            })!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            OptionalPart.Require(false, $"{program}: apt-get install {(program == "python3" ? "python3" : "openssl")}");
            throw;
        }
    }
}
