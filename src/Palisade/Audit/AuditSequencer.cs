using Microsoft.Extensions.Logging;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Audit.Witnessing;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// Makes the tree, its tiles and signed checkpoints from the rows, in order. One copy of Palisade signs a log; the others wait.
/// </summary>
/// <remarks>
/// What a crash leaves: tiles beyond the last checkpoint, which the next run writes again, the same; or a checkpoint in the
/// store whose file is older, which the next run writes. A checkpoint counts from its commit, and that commit needs the lease
/// and the checkpoint that it follows, so two signers cannot both follow one.
/// </remarks>
public sealed class AuditSequencer : IDisposable
{
    /// <summary>Longest time from an entry to the checkpoint that covers it, while a signer runs.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Name of the folder with tiles and checkpoint, in the data folder.</summary>
    public const string FolderName = "audit";

    /// <summary>The file in the data folder with the public key, for everybody who wants to check the log.</summary>
    public const string PublicKeyFileName = LogKey.PublicFileName;

    private const int RowsAtOnce = 16 * TilePath.FullWidth;

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RenewInterval = SigningTable.Lease / 3;
    private static readonly TimeSpan LongestAsking = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);

    private readonly AuditLog _log;
    private readonly Store _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SigningKey? _key;
    private readonly LogFault? _keyFault;
    private readonly WitnessCaller _witnesses;
    private readonly string _holder = Guid.NewGuid().ToString("N");

    private readonly SemaphoreSlim _signing = new(1, 1);

    private TreeEdge? _edge;

    private AuditSequencer(
        AuditLog log, string dataFolder, SigningKey? key, LogFault? keyFault, WitnessCaller witnesses, TimeProvider clock, ILogger logger)
    {
        _log = log;
        _store = log.Store;
        _clock = clock;
        _logger = logger;
        _key = key;
        _keyFault = keyFault;
        _witnesses = witnesses;
        Tiles = new TileFolder(Path.Combine(Path.GetFullPath(dataFolder), FolderName));
    }

    public TileFolder Tiles { get; }

    /// <summary>Who signs this log; null when its key is missing or another's.</summary>
    public NoteKey? PublicKey => _key?.Public;

    /// <summary>Keys of the witnesses that this log has.</summary>
    public IReadOnlyList<NoteKey> Witnesses => _witnesses.Keys;

    /// <summary>What was found wrong; null while all is well.</summary>
    public LogFault? Fault { get; private set; }

    /// <summary>Opens the log's key (a new log gets one) and looks whether store and folder are of the same history.</summary>
    public static async Task<AuditSequencer> OpenAsync(
        string dataFolder, AuditLog log, BankKey bankKey, AuditOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var row = await log.Store.ReadAsync(SigningTable.ReadAsync, cancellationToken);
        var (key, fault) = OpenKey(dataFolder, bankKey, options, row);
        var sequencer = new AuditSequencer(
            log, dataFolder, key, fault, new WitnessCaller(options.Witnesses), clock, logger);
        await sequencer.CheckAsync(cancellationToken);
        return sequencer;
    }

    /// <summary>
    /// Holds the store against the last checkpoint in the folder. What does not fit closes the log for acts outside the store;
    /// what fits opens it again.
    /// </summary>
    public async Task<LogFault?> CheckAsync(CancellationToken cancellationToken)
    {
        Fault = _keyFault ?? _witnesses.Fault ?? await new LogComparison(_log, Tiles, _key!.Public).FindFaultAsync(cancellationToken);
        if (Fault is null)
        {
            _log.Open();
        }
        else
        {
            _log.Close(Fault.Explanation);
        }

        return Fault;
    }

    /// <summary>
    /// The last checkpoint as it was published, with its cosignatures; null before the first, and when it is not this log's.
    /// </summary>
    public async Task<(Checkpoint Checkpoint, string Note)?> LastAsync(CancellationToken cancellationToken)
    {
        var row = await _store.ReadAsync(SigningTable.ReadAsync, cancellationToken);
        return row is not null && _key is not null && Checkpoint.TryOpen(row.Checkpoint, _key.Public, out var checkpoint)
            ? (checkpoint, row.Checkpoint)
            : null;
    }

    /// <summary>Brings the tree up to the last entry, looks at what the disk returns, and signs it.</summary>
    public async Task<SigningOutcome> SignAsync(CancellationToken cancellationToken)
    {
        await _signing.WaitAsync(cancellationToken);
        try
        {
            return await SignAloneAsync(cancellationToken);
        }
        finally
        {
            _signing.Release();
        }
    }

    private async Task<SigningOutcome> SignAloneAsync(CancellationToken cancellationToken)
    {
        if (await CheckAsync(cancellationToken) is { } fault)
        {
            return new SigningOutcome.Refused(fault);
        }

        var now = _clock.GetUtcNow();
        var row = await _store.WriteAsync(
            transaction => SigningTable.TakeLeaseAsync(transaction, _key!.Public.ToString(), _holder, now), cancellationToken);
        if (row.Holder != _holder)
        {
            return new SigningOutcome.SignedElsewhere(DateTimeOffset.FromUnixTimeMilliseconds(row.LeaseEndsAt));
        }

        try
        {
            return await SignAsync(row, cancellationToken);
        }
        catch (DamagedAuditException damage)
        {
            _edge = null;
            return Refuse(new LogFault(damage.Message, damage.Number, damage.Number));
        }
        catch
        {
            // What of it reached the disk is not known, so the next time begins with what lies there.
            _edge = null;
            throw;
        }
    }

    /// <summary>
    /// A checkpoint that covers an entry: signed here, or, where another copy signs this log, asked of it and waited for.
    /// </summary>
    /// <returns>
    /// <see cref="SigningOutcome.SignedElsewhere"/> when the one who signs did not do it within fifteen seconds.
    /// </returns>
    public async Task<SigningOutcome> CoverAsync(long number, CancellationToken cancellationToken)
    {
        var outcome = await SignAsync(cancellationToken);
        if (outcome is not SigningOutcome.SignedElsewhere)
        {
            return outcome;
        }

        await _store.WriteAsync(
            async transaction =>
            {
                await SigningTable.WantAsync(transaction, number);
                return 0;
            },
            cancellationToken);
        var began = _clock.GetTimestamp();
        while (_clock.GetElapsedTime(began) < LongestAsking)
        {
            // What counts here is the file: the tiles that prove it lie beside it.
            if (_key is not null && Checkpoint.TryOpen(Tiles.ReadCheckpoint(), _key.Public, out var checkpoint) && checkpoint.Size >= number)
            {
                return new SigningOutcome.Unchanged(checkpoint.Size, Tiles.ReadCheckpoint()!);
            }

            await Task.Delay(LookInterval / 5, _clock, cancellationToken);
        }

        return outcome;
    }

    /// <summary>Signs whenever something was added, until cancelled; then once more, and hands the log over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var signedAt = _clock.GetTimestamp();
        var renewedAt = 0L;
        var isFirst = true;
        var told = "";
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = LookInterval;
            try
            {
                var (signed, last, wanted) = await StateAsync(cancellationToken);
                var isDue = isFirst || wanted > signed || (last > signed && _clock.GetElapsedTime(signedAt) >= LongestWait);
                if (isDue || _clock.GetElapsedTime(renewedAt) >= RenewInterval)
                {
                    renewedAt = _clock.GetTimestamp();
                    var outcome = isDue ? await SignAsync(cancellationToken) : await RenewAsync(cancellationToken);
                    told = Tell(outcome, told);
                    isFirst = outcome is not (SigningOutcome.Published or SigningOutcome.Unchanged);
                    signedAt = outcome is SigningOutcome.Published ? _clock.GetTimestamp() : signedAt;
                    pause = isFirst ? RetryInterval : LookInterval;
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                _logger.LogError(exception, "The audit log could not be signed; trying again. Entries are taken meanwhile");
                pause = RetryInterval;
            }

            await Task.Delay(pause, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await HandOverAsync();
    }

    /// <summary>Signs what is left, and gives the lease away so that the next signer need not wait for its end.</summary>
    public async Task HandOverAsync()
    {
        try
        {
            await SignAsync(CancellationToken.None);
            await _store.WriteAsync(
                async transaction =>
                {
                    await SigningTable.ReleaseAsync(transaction, _holder);
                    return 0;
                },
                CancellationToken.None);
        }
        catch (Exception exception)
        {
            _logger.LogWarning(exception, "The last entries of the audit log could not be signed before the end; the next start does it");
        }
    }

    public void Dispose()
    {
        _key?.Dispose();
        _witnesses.Dispose();
        _signing.Dispose();
    }

    private static (SigningKey? Key, LogFault? Fault) OpenKey(string dataFolder, BankKey bankKey, AuditOptions options, SigningRow? row)
    {
        var path = Path.Combine(Path.GetFullPath(dataFolder), LogKey.FileName);
        if (row is not null && !File.Exists(path))
        {
            return (null, new LogFault(
                $"The key of the audit log, {path}, is missing, so nothing more is signed. Put it back from its backup, or copy it " +
                "from another node of the same store."));
        }

        try
        {
            var key = LogKey.OpenOrCreate(dataFolder, bankKey, options.Origin);
            if (row is null || row.LogKey == key.Public.ToString())
            {
                return (key, null);
            }

            key.Dispose();
            return (null, new LogFault(
                $"The key in {path} is not the one that signs this store's audit log. Put back the right file; nothing was changed."));
        }
        catch (StoreUnusableException unusable)
        {
            return (null, new LogFault(unusable.Message));
        }
    }

    private SigningOutcome.Refused Refuse(LogFault fault)
    {
        Fault = fault;
        _log.Close(fault.Explanation);
        return new SigningOutcome.Refused(fault);
    }

    private Task<(long Signed, long Last, long Wanted)> StateAsync(CancellationToken cancellationToken) => _store.ReadAsync(
        async connection =>
        {
            var row = await SigningTable.ReadAsync(connection);
            var last = await Sequences.LastAsync(connection, AuditLog.Name);
            return (SizeIn(row), last, row?.WantedSize ?? 0);
        },
        cancellationToken);

    private long SizeIn(SigningRow? row) =>
        row is not null && _key is not null && Checkpoint.TryOpen(row.Checkpoint, _key.Public, out var checkpoint) ? checkpoint.Size : 0;

    private async Task<SigningOutcome> RenewAsync(CancellationToken cancellationToken)
    {
        var now = _clock.GetUtcNow();
        var row = await _store.WriteAsync(
            transaction => SigningTable.TakeLeaseAsync(transaction, _key!.Public.ToString(), _holder, now), cancellationToken);
        return row.Holder == _holder
            ? new SigningOutcome.Unchanged(SizeIn(row), row.Checkpoint)
            : new SigningOutcome.SignedElsewhere(DateTimeOffset.FromUnixTimeMilliseconds(row.LeaseEndsAt));
    }

    private async Task<SigningOutcome> SignAsync(SigningRow row, CancellationToken cancellationToken)
    {
        var signed = Checkpoint.TryOpen(row.Checkpoint, _key!.Public, out var opened)
            ? opened
            : new Checkpoint(_key.Public.Name, 0, TreeHash.Empty);
        if (_edge is null || _edge.Size != signed.Size || _edge.Root != signed.Root)
        {
            _edge = await LoadEdgeAsync(signed, cancellationToken);
        }

        // A witness that has seen more must be heard before anything is signed that would contradict it.
        if (signed.Size > 0 && _witnesses.AreUnasked &&
            await CosignAsync(row, signed, cancellationToken) is { } heard)
        {
            if (heard is not SigningOutcome.Published cosigned)
            {
                return heard;
            }

            row = row with { Checkpoint = cosigned.Note };
        }

        var last = await _log.LastNumberAsync(cancellationToken);
        if (last == signed.Size)
        {
            return await PublishUnchangedAsync(row, signed, cancellationToken);
        }

        await GrowAsync(_edge, last, cancellationToken);
        await CheckWhatTheDiskReturnsAsync(signed, _edge, cancellationToken);
        var next = new Checkpoint(signed.Origin, last, _edge.Root);
        var note = SignedNote.Create(next.Text, _key.Sign(next.Text)).ToString();

        // From here on the checkpoint may be known to others, so it is seen through.
        if (!await _store.WriteAsync(transaction => SigningTable.PublishAsync(transaction, row, note), CancellationToken.None))
        {
            _edge = null;
            return new SigningOutcome.SignedElsewhere(_clock.GetUtcNow() + SigningTable.Lease);
        }

        Tiles.WriteCheckpoint(note);
        DropPartialTiles(signed.Size, last);
        return await CosignAsync(row with { Checkpoint = note }, next, cancellationToken) ?? new SigningOutcome.Published(last, note);
    }

    private async Task<SigningOutcome> PublishUnchangedAsync(SigningRow row, Checkpoint signed, CancellationToken cancellationToken)
    {
        if (signed.Size == 0)
        {
            return new SigningOutcome.Unchanged(0, "");
        }

        if (Tiles.ReadCheckpoint() != row.Checkpoint)
        {
            Tiles.WriteCheckpoint(row.Checkpoint);
        }

        return await CosignAsync(row, signed, cancellationToken) is { } outcome
            ? outcome is SigningOutcome.Published cosigned ? new SigningOutcome.Unchanged(cosigned.Size, cosigned.Note) : outcome
            : new SigningOutcome.Unchanged(signed.Size, row.Checkpoint);
    }

    /// <returns>Null when no witness had anything to say.</returns>
    private async Task<SigningOutcome?> CosignAsync(SigningRow row, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var (note, fault) = await _witnesses.AskAsync(row.Checkpoint, checkpoint, Tiles, _logger, cancellationToken);
        if (fault is not null)
        {
            return Refuse(fault);
        }

        if (note == row.Checkpoint)
        {
            return null;
        }

        if (await _store.WriteAsync(transaction => SigningTable.PublishAsync(transaction, row, note), CancellationToken.None))
        {
            Tiles.WriteCheckpoint(note);
        }

        return new SigningOutcome.Published(checkpoint.Size, note);
    }

    /// <summary>
    /// The edge of what was signed, from the tiles. Where the folder is older or empty (another node's, or one restored) the
    /// tiles are made again from the rows, and only taken if they give the signed root.
    /// </summary>
    private async Task<TreeEdge> LoadEdgeAsync(Checkpoint signed, CancellationToken cancellationToken)
    {
        try
        {
            var edge = TreeEdge.Read(Tiles, signed.Size);
            if (edge.Root == signed.Root)
            {
                return edge;
            }

            _logger.LogWarning("The audit log's tiles do not give the signed root; they are made again from the store");
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            _logger.LogInformation("The audit log's folder lacks tiles of what was signed; they are made again from the store");
        }

        var made = new TreeEdge();
        await GrowAsync(made, signed.Size, cancellationToken);
        return made.Root == signed.Root
            ? made
            : throw new DamagedAuditException(1, $"or one after it up to entry {signed.Size} is not what was signed");
    }

    private async Task GrowAsync(TreeEdge edge, long size, CancellationToken cancellationToken)
    {
        // The bundle that is not full is written anew, so its rows are read anew, and must still be those that are in the tree.
        var known = edge.Tail.ToArray();
        var bundleStart = edge.Size - known.Length;
        for (var first = bundleStart; first < size; first += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = await _store.ReadAsync(
                connection => _log.Table.ReadAsync(connection, first + 1, (int)Math.Min(RowsAtOnce, size - first)), cancellationToken);
            for (var i = 0; i < rows.Count; i++)
            {
                var hash = TreeHash.OfLeaf(rows[i].Leaf);
                if (first + i - bundleStart >= known.Length)
                {
                    edge.Add(hash, Tiles.WriteHashes);
                }
                else if (hash != known[i])
                {
                    throw new DamagedAuditException(first + i + 1, "is another than the one that was signed");
                }
            }

            foreach (var (at, bundle) in rows.Chunk(TilePath.FullWidth).Index())
            {
                Tiles.WriteEntries((first / TilePath.FullWidth) + at, [.. bundle.Select(row => row.Leaf)]);
            }
        }

        edge.ForEachPartial(Tiles.WriteHashes);
        Tiles.Synchronise();
    }

    private async Task CheckWhatTheDiskReturnsAsync(Checkpoint signed, TreeEdge grown, CancellationToken cancellationToken)
    {
        await foreach (var damage in new LogVerification(_log, Tiles).FindDamageAsync(
            signed.Size, grown.Size, grown.Root, checkedEntries: null, cancellationToken))
        {
            throw new DamagedAuditException(damage.Number, damage.What.TrimEnd('.'));
        }

        var tree = new TiledTree(Tiles, grown.Size);
        if (!ProofCheck.Consistency(signed.Size, grown.Size, tree.ProveConsistency(signed.Size), signed.Root, grown.Root))
        {
            throw new DamagedAuditException(signed.Size, "and those before it are no longer the beginning of the log");
        }
    }

    private void DropPartialTiles(long from, long to)
    {
        for (var bundle = from / TilePath.FullWidth; bundle < to / TilePath.FullWidth; bundle++)
        {
            Tiles.DropPartial(null, bundle);
            var index = bundle;
            for (var level = 0; ; level++)
            {
                Tiles.DropPartial(level, index);
                if (index % TilePath.FullWidth != TilePath.FullWidth - 1)
                {
                    break;
                }

                index /= TilePath.FullWidth;
            }
        }
    }

    /// <summary>Writes a line when something changed, not each time.</summary>
    private string Tell(SigningOutcome outcome, string told)
    {
        switch (outcome)
        {
            case SigningOutcome.Refused refused when refused.Fault.Explanation != told:
                _logger.LogCritical("The audit log is not signed any more. {Explanation}", refused.Fault.Explanation);
                return refused.Fault.Explanation;

            case SigningOutcome.Refused:
                return told;

            case SigningOutcome.SignedElsewhere when told != nameof(SigningOutcome.SignedElsewhere):
                _logger.LogWarning("Another copy of Palisade signs this audit log, so this one does not; it takes over when that one ends");
                return nameof(SigningOutcome.SignedElsewhere);

            case SigningOutcome.SignedElsewhere:
                return told;

            default:
                return "";
        }
    }
}
