using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Keys;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Testing;

namespace Palisade.Tests.Banks;

/// <summary>A fresh store with a key, a registry and one bank.</summary>
internal sealed class BankFixture : IAsyncDisposable
{
    public static readonly Actor By = Actor.CommandLine("tester");

    private BankFixture(TestStore test, BankKey key, FakeTimeProvider clock)
    {
        Test = test;
        Key = key;
        Clock = clock;
        Audit = new AuditLog(test.Store, key, clock);
        Approvals = TwoPeople.BookOf(test.Store, key, clock);
        Registry = new BankRegistry(test.Store, key, Audit, Approvals, clock);
    }

    public TestStore Test { get; }

    public BankKey Key { get; }

    public FakeTimeProvider Clock { get; }

    public ApprovalBook Approvals { get; }

    public AuditLog Audit { get; }

    public BankRegistry Registry { get; }

    /// <summary>A bank called "practice", of practice pictures, PDQ distance 31.</summary>
    public Bank Bank { get; private set; } = null!;

    public static async Task<BankFixture> CreateAsync(TestEngine engine, BankSettings? settings = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var test = await TestStore.CreateAsync(engine, clock);
        var key = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var fixture = new BankFixture(test, key, clock);
        fixture.Bank = await fixture.CreateBankAsync("practice", settings);
        return fixture;
    }

    public async Task<Bank> CreateBankAsync(string name, BankSettings? settings = null)
    {
        var wish = (settings ?? new BankSettings()) with
        {
            Name = name,
            Owner = "Test desk",
            Purpose = settings?.Purpose ?? BankPurpose.Practice,
        };
        return (await Registry.CreateAsync(wish, By, default)).Value!;
    }

    public async Task<Signal> AddAsync(SignalValue value, int? quality = null) =>
        (await Registry.AddSignalAsync(Bank.Id, new NewSignal(value, Quality: quality), By, default)).Value!;

    /// <summary>Where a snapshot of these banks lies, once an index has been told to keep one.</summary>
    public string SnapshotFile => Path.Combine(Test.Folder, BankIndex.SnapshotFileName);

    public BankIndex NewIndex(
        int mostRowsAtOnce = 20_000, int mostChangedRows = 100_000, bool keepsSnapshot = false, ILogger<BankIndex>? logger = null) =>
        new(Test.Store, Key, Clock, logger ?? NullLogger<BankIndex>.Instance)
        {
            MostRowsAtOnce = mostRowsAtOnce,
            MostChangedRows = mostChangedRows,
            SnapshotFile = keepsSnapshot ? SnapshotFile : null,
        };

    /// <summary>A PDQ-like value: 128 bits set, told apart by its number.</summary>
    public static PdqHash Hash(int number)
    {
        Span<byte> bytes = stackalloc byte[32];
        SHA256.HashData(BitConverter.GetBytes(number), bytes);

        // Each bit in the first half decides which of two bits is set in the whole, so exactly half of them are.
        Span<byte> whole = stackalloc byte[32];
        for (var bit = 0; bit < 128; bit++)
        {
            var isSet = (bytes[bit / 8] >> (bit % 8) & 1) != 0;
            whole[bit / 4] |= (byte)((isSet ? 2 : 1) << (bit % 4 * 2));
        }

        return PdqHash.FromBytes(whole);
    }

    public static SignalValue Pdq(int number) => new(Hash(number));

    public static SignalValue Md5(int number) => new(DigestCalculator.Compute(BitConverter.GetBytes(number)).Md5);

    public static SignalValue Sha256(int number) =>
        new(DigestCalculator.Compute(BitConverter.GetBytes(number)).Sha256);

    public async ValueTask DisposeAsync()
    {
        Key.Dispose();
        await Test.DisposeAsync();
    }
}
