using Dapper;
using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Testing;

namespace Palisade.Tests.Evidence;

/// <summary>A vault over a fresh store, with its keys made and unsealed.</summary>
internal sealed class VaultFixture : IAsyncDisposable
{
    public static readonly Actor Reviewer = Actor.CommandLine("anna");

    private VaultFixture(TestStore test, BankKey bankKey, AuditLog audit, SealingKeys keys, FakeTimeProvider clock)
    {
        Test = test;
        BankKey = bankKey;
        Audit = audit;
        Keys = keys;
        Clock = clock;
        Vault = new EvidenceVault(test.Store, keys, audit, Folder, clock);
    }

    public TestStore Test { get; }

    public BankKey BankKey { get; }

    public AuditLog Audit { get; }

    public SealingKeys Keys { get; }

    public FakeTimeProvider Clock { get; }

    public EvidenceVault Vault { get; }

    public string Folder => Path.Combine(Test.Folder, EvidenceVault.FolderName);

    public static async Task<VaultFixture> CreateAsync(TestEngine engine)
    {
        var test = await TestStore.CreateAsync(engine);
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, CancellationToken.None);
        var audit = new AuditLog(test.Store, bankKey, clock);
        var keys = await TestKeys.CreateUnsealedAsync(test.Store, bankKey, audit, clock);
        return new VaultFixture(test, bankKey, audit, keys, clock);
    }

    public static EvidenceFacts Facts(string fileName = "holiday.jpg") => new()
    {
        Source = "scn_0123",
        Service = "chat-images",
        CapturedAt = new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Digests = new Dictionary<string, string>(StringComparer.Ordinal) { ["md5"] = "d41d8cd98f00b204e9800998ecf8427e" },
        FileName = fileName,
        UploaderToken = "uploader-77",
        Network = [new NetworkFact("upload", "192.0.2.7", 443, new DateTimeOffset(2027, 3, 1, 11, 59, 0, TimeSpan.Zero))],
        Context = [new ContextItem("message", "look at this hill", null)],
    };

    /// <summary>Stages and admits, as the transaction of a case does.</summary>
    public async Task<EvidenceId> TakeAsync(byte[] bytes, string caseId = "cas_1")
    {
        using var staged = await Vault.StageAsync(bytes, Facts(), CancellationToken.None);
        await AdmitAsync(staged, caseId);
        return staged.Id;
    }

    public Task AdmitAsync(StagedEvidence staged, string caseId = "cas_1") => Test.Store.WriteAsync(
        async transaction =>
        {
            await Vault.AdmitAsync(transaction, staged, caseId, Actor.Palisade);
            return 0;
        },
        CancellationToken.None);

    public async Task<byte[]> OpenAsync(EvidenceId id)
    {
        using var clear = new MemoryStream();
        await Vault.OpenAsync(id, clear, Reviewer, "looking at the case", CancellationToken.None);
        return clear.ToArray();
    }

    public Task<int> ExecuteAsync(string sql, object? arguments = null) => Test.Store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(sql, arguments, transaction), CancellationToken.None);

    public Task<IReadOnlyList<AuditRecord>> LogAsync() => Audit.ListAsync(new AuditFilter(), 1000, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Keys.Dispose();
        BankKey.Dispose();
        await Test.DisposeAsync();
    }
}
