using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Destruction;
using Palisade.Evidence.Holds.Retention;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Testing;

namespace Palisade.Tests.Evidence.Holds;

/// <summary>Evidence, cases, holds and the sweep over one fresh store, with a clock of its own.</summary>
internal sealed class HoldFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Actor Anna = Actor.CommandLine("anna");
    public static readonly Actor Ben = Actor.CommandLine("ben");

    private readonly TestStore _test;
    private readonly BankKey _bankKey;
    private readonly SealingKeys _keys;
    private int _uploads;

    private HoldFixture(TestStore test, BankKey bankKey, AuditLog audit, SealingKeys keys, FakeTimeProvider clock)
    {
        _test = test;
        _bankKey = bankKey;
        _keys = keys;
        Clock = clock;
        Audit = audit;
        Vault = new EvidenceVault(test.Store, keys, audit, Path.Combine(test.Folder, EvidenceVault.FolderName), clock);
        Cases = new CaseBook(test.Store, bankKey, Vault, audit, new ReviewOptions(), clock, NullLogger<CaseBook>.Instance);
        Approvals = new ApprovalBook(test.Store, bankKey, audit, new ApprovalOptions(), clock);
        Holds = new HoldBook(test.Store, bankKey, Cases, audit, Approvals, clock);
        Destructions = new DestructionBook(test.Store, bankKey, Vault, Holds, audit, Approvals, new SweepOptions(), clock);
        Choices = new RetentionChoices(test.Store, bankKey, audit, clock);
    }

    public TestStore Test => _test;

    public FakeTimeProvider Clock { get; }

    public AuditLog Audit { get; }

    public EvidenceVault Vault { get; }

    public CaseBook Cases { get; }

    public ApprovalBook Approvals { get; }

    public HoldBook Holds { get; }

    public DestructionBook Destructions { get; }

    public RetentionChoices Choices { get; }

    public RetentionBook Retention { get; set; } = Book(RetentionBook.DefaultText);

    public EvidenceRegister Register => new(_test.Store, Vault, Cases, Holds, Retention, Choices);

    public EvidenceSweep Sweep => new(
        _test.Store, Vault, Cases, Holds, Register, Destructions, Retention, Choices, Audit, new SweepOptions(), Clock);

    public static async Task<HoldFixture> CreateAsync(TestEngine engine)
    {
        var clock = new FakeTimeProvider(Start);
        var test = await TestStore.CreateAsync(engine, clock);
        var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var audit = new AuditLog(test.Store, bankKey, clock);
        var keys = await TestKeys.CreateUnsealedAsync(test.Store, bankKey, audit, clock);
        return new HoldFixture(test, bankKey, audit, keys, clock);
    }

    public static RetentionBook Book(string text)
    {
        Assert.True(RetentionBook.TryParse(text, out var book, out var problems), string.Join(' ', problems));
        return book;
    }

    /// <summary>Seals some bytes and opens a case for them.</summary>
    public async Task<(EvidenceId Evidence, CaseId Case)> TakeAsync(string service = "avatars", int bytes = 3000)
    {
        var number = Interlocked.Increment(ref _uploads);
        var content = new byte[bytes];
        new Random(number).NextBytes(content);
        using var staged = await Vault.StageAsync(
            content,
            new EvidenceFacts
            {
                Source = $"scan-{number}",
                Service = service,
                CapturedAt = Clock.GetUtcNow(),
                Digests = new Dictionary<string, string>(StringComparer.Ordinal),
            },
            default);
        var incoming = new IncomingUpload
        {
            Source = "flg_" + number.ToString("x32", CultureInfo.InvariantCulture),
            Service = service,
            Verdict = VerdictAction.Hold,
            IsHeld = true,
            Facts = new CaseUploadFacts(),
            CameAt = Clock.GetUtcNow(),
            By = Actor.ApiKey(1),
            Staged = staged,
        };
        var opened = await _test.Store.WriteAsync(
            async transaction =>
            {
                var entered = await Cases.Intake.EnterAsync(transaction, incoming);
                await Cases.Intake.AttestAsync(transaction, entered);
                return entered.Case;
            },
            default);
        return (staged.Id, opened.Id);
    }

    public async Task CloseAsync(CaseId id, PlatformAction action) =>
        Assert.False((await Cases.CloseAsync(id, action, "decided in a test", null, Anna, default)).IsRefused);

    /// <summary>Evidence whose case was decided to be nothing: due after the usual 30 days.</summary>
    public async Task<(EvidenceId Evidence, CaseId Case)> TakeReleasedAsync(string service = "avatars")
    {
        var taken = await TakeAsync(service);
        await CloseAsync(taken.Case, PlatformAction.Release);
        return taken;
    }

    public async Task<Hold> PlaceAsync(HoldSubject subject, HoldBasis basis, DateTimeOffset? ends = null, DateTimeOffset? starts = null)
    {
        var placed = await Holds.PlaceAsync(
            new HoldRequest { Subject = subject, Basis = basis, StartsAt = starts, EndsAt = ends, Reference = "4001" }, Anna, default);
        Assert.False(placed.IsRefused, placed.Refusal?.Reason);
        return placed.Value!;
    }

    /// <summary>Lets time pass as in a service that sweeps every day and destroys nothing else on the way.</summary>
    public async Task<SweepOutcome> SweepDailyAsync(TimeSpan time)
    {
        var outcome = new SweepOutcome();
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromDays(1))
        {
            Clock.Advance(TimeSpan.FromDays(1) < time - passed ? TimeSpan.FromDays(1) : time - passed);
            outcome = await Sweep.RunAsync(default);
            Assert.Null(outcome.Refusal);
        }

        return outcome;
    }

    /// <summary>Moves the clock, with a person who confirms that the service was off.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        Assert.Null(await Sweep.ConfirmClockAsync(DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime), Anna, default));
    }

    /// <summary>Whether anything of it can still be opened: the record, the keys and the bytes.</summary>
    public async Task<bool> IsThereAsync(EvidenceId id)
    {
        var record = await Vault.FindAsync(id, default);
        if (record is not { State: EvidenceState.Sealed })
        {
            return false;
        }

        using var clear = new MemoryStream();
        await Vault.OpenAsync(id, clear, Anna, "is it there?", default);
        return clear.Length == record.SizeBytes;
    }

    public IReadOnlyList<string> FilesLeft() => Directory.Exists(Path.Combine(_test.Folder, EvidenceVault.FolderName))
        ? Directory.GetFiles(Path.Combine(_test.Folder, EvidenceVault.FolderName))
        : [];

    public async Task<IReadOnlyList<AuditRecord>> EntriesAsync(string action) =>
        await Audit.ListAsync(new AuditFilter { Action = action }, 100_000, default);

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        _bankKey.Dispose();
        await _test.DisposeAsync();
    }
}
