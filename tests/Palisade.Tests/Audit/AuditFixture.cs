using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Audit;

/// <summary>A fresh store with an audit log, and its signer.</summary>
internal sealed class AuditFixture : IAsyncDisposable
{
    public static readonly Actor By = Actor.CommandLine("anna");

    private readonly List<AuditSequencer> _sequencers = [];

    private AuditFixture(TestStore test, BankKey key, FakeTimeProvider clock)
    {
        Test = test;
        Key = key;
        Clock = clock;
        Log = new AuditLog(test.Store, key, clock);
    }

    public TestStore Test { get; }

    public BankKey Key { get; }

    public FakeTimeProvider Clock { get; }

    public AuditLog Log { get; }

    public AuditSequencer Sequencer => _sequencers[0];

    public static async Task<AuditFixture> CreateAsync(TestEngine engine, AuditOptions? options = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var test = await TestStore.CreateAsync(engine, clock);
        var fixture = new AuditFixture(test, await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default), clock);
        await fixture.OpenSequencerAsync(fixture.Log, options: options);
        return fixture;
    }

    /// <summary>One signer more, as another process or a restart has it.</summary>
    public async Task<AuditSequencer> OpenSequencerAsync(AuditLog? log = null, string? folder = null, AuditOptions? options = null)
    {
        var sequencer = await AuditSequencer.OpenAsync(
            folder ?? Test.Folder, log ?? new AuditLog(await Test.OpenAnotherAsync(), Key, Clock), Key, options ?? new AuditOptions(),
            Clock, NullLogger.Instance, default);
        _sequencers.Add(sequencer);
        return sequencer;
    }

    /// <summary>Adds so many entries, one a minute.</summary>
    public async Task AddAsync(int count)
    {
        for (var i = 0; i < count; i += 500)
        {
            var entries = Enumerable.Range(i, Math.Min(500, count - i)).Select(n => new AuditEntry
            {
                Action = "case.opened",
                Actor = By,
                Subject = $"case/{n}",
                Reason = n % 3 == 0 ? "a reason" : null,
            }).ToList();
            Clock.Advance(TimeSpan.FromMinutes(1));
            await Test.Store.WriteAsync(transaction => Log.AppendAsync(transaction, entries), default);
        }
    }

    /// <summary>The checkpoint that was signed, which must be this log's.</summary>
    public async Task<Checkpoint> SignAsync(AuditSequencer? sequencer = null)
    {
        var outcome = await (sequencer ?? Sequencer).SignAsync(default);
        var note = outcome switch
        {
            SigningOutcome.Published published => published.Note,
            SigningOutcome.Unchanged unchanged => unchanged.Note,
            _ => throw new InvalidOperationException(outcome.ToString()),
        };
        Assert.True(Checkpoint.TryOpen(note, Sequencer.PublicKey!, out var checkpoint));
        return checkpoint;
    }

    public async Task<IReadOnlyList<LogDamage>> FindDamageAsync(Checkpoint checkpoint, TileFolder? tiles = null)
    {
        var damage = new List<LogDamage>();
        await foreach (var found in new LogVerification(Log, tiles ?? Sequencer.Tiles).FindDamageAsync(0, checkpoint.Size, checkpoint.Root, null, default))
        {
            damage.Add(found);
        }

        return damage;
    }

    public Task<int> ExecuteAsync(string sql, object? arguments = null) => Test.Store.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(Dialect.Of(transaction.Connection!).Translate(sql), arguments, transaction), default);

    public async ValueTask DisposeAsync()
    {
        foreach (var sequencer in _sequencers)
        {
            sequencer.Dispose();
        }

        Key.Dispose();
        await Test.DisposeAsync();
    }
}
