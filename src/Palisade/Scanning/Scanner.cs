using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Decoding;
using Palisade.Evidence;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Review;
using Palisade.Signals.Digests;
using Palisade.Storage;

namespace Palisade.Scanning;

/// <summary>
/// Takes one upload from its bytes to a verdict: digests here, pixels in the sandboxed decoder, then the banks, then the
/// policy; and keeps what must be kept before anybody is told.
/// </summary>
/// <remarks>
/// What cannot be decoded is still matched by its digests and ends in the policy's undecodable branch. A decoder that is
/// busy throws <see cref="DecoderBusyException"/>: that is no verdict, and the caller holds the upload and asks again.
/// </remarks>
public sealed class Scanner
{
    private readonly PolicyBook _policy;
    private readonly BankIndex _index;
    private readonly DecoderPool _decoder;
    private readonly CaseBook _cases;
    private readonly ScanRecords _records;
    private readonly IdempotencyWindow _idempotency;
    private readonly RegionStage? _regions;
    private readonly RegionBacklog _backlog;
    private readonly MatchScratches _scratches = new();
    private readonly byte[] _shareKey;
    private readonly TimeProvider _clock;

    private long _matchedUploads;
    private long _ruledOutUploads;
    private long _fullyDigestedUploads;
    private readonly Action _countFullyDigested;

    /// <summary>Requests with an idempotency key that are under way, so that a copy sent meanwhile waits for the first.</summary>
    private readonly ConcurrentDictionary<IdempotencyKey, Task> _underWay = new();

    /// <param name="regions">Null where no service of the policy asks for regions.</param>
    public Scanner(
        PolicyBook policy,
        BankIndex index,
        DecoderPool decoder,
        RegionStage? regions,
        RegionBacklog backlog,
        Store store,
        BankKey key,
        CaseBook cases,
        TimeProvider clock)
    {
        _regions = regions;
        _backlog = backlog;
        _policy = policy;
        _index = index;
        _decoder = decoder;
        _cases = cases;
        _idempotency = new IdempotencyWindow(store, cases.ScanSeal, clock);
        _records = new ScanRecords(store, cases.ScanSeal, cases.Intake, cases.Verdicts, _idempotency);
        _shareKey = key.DeriveFor("palisade scan v1 share"u8);
        _clock = clock;
        _countFullyDigested = () => Interlocked.Increment(ref _fullyDigestedUploads);
    }

    public VerdictFeed Verdicts => _cases.Verdicts;

    /// <summary>Uploads that were held against the banks since the start, by which probation is measured.</summary>
    public long MatchedUploads => Interlocked.Read(ref _matchedUploads);

    /// <summary>Uploads of which a pre-screen's estimate said that no bank can know their look.</summary>
    public long RuledOutUploads => Interlocked.Read(ref _ruledOutUploads);

    /// <summary>Uploads whose MD5 and SHA-1 were needed.</summary>
    public long FullyDigestedUploads => Interlocked.Read(ref _fullyDigestedUploads);

    public ScanRecords Records => _records;

    public IdempotencyWindow Idempotency => _idempotency;

    /// <summary>The banks are in memory and follow their changes.</summary>
    public bool IsReady => !_index.IsStale && _regions is null or { IsReady: true };

    /// <summary>Scans one upload, and keeps a record before answering when it is not clean.</summary>
    public async Task<ScanResult> ScanAsync(ScanRequest request, CancellationToken cancellationToken)
    {
        if (_policy.Find(request.Service) is not { } policy)
        {
            return new ScanResult.UnknownService();
        }

        if (request.IdempotencyKey is not { } key)
        {
            var upload = await ScanOnceAsync(policy, request, digests: null, cancellationToken);
            await _records.KeepAsync(upload.Kept() is { } kept ? [kept] : [], PutOff(upload), cancellationToken);
            return upload.Answer();
        }

        var digests = DigestsOf(request);
        using var turn = await TakeTurnAsync(key, cancellationToken);
        var marks = await _idempotency.MarkAsync(key, Identity(request, digests.Sha256), cancellationToken);
        if (await _records.FindAnswerAsync(marks, cancellationToken) is { } answered)
        {
            return await RepeatAsync(answered.Answer, answered.IsSameRequest, cancellationToken);
        }

        var fresh = await ScanOnceAsync(policy, request, digests, cancellationToken);
        var earlier = await _records.KeepOnceAsync(marks, fresh.Record(), fresh.Kept(), PutOff(fresh), cancellationToken);
        return earlier is { } other
            ? await RepeatAsync(other.Answer, other.IsSameRequest, cancellationToken)
            : fresh.Answer();
    }

    /// <summary>What the verdict on a file would be, and why. Nothing is stored.</summary>
    /// <returns>Null when the policy has no such service.</returns>
    public async Task<Verdict?> JudgeAsync(string service, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _policy.Find(service) is { } policy
            ? (await JudgeAsync(policy, bytes, digests: null, mayEstimate: false, mayPutOff: false, cancellationToken)).Verdict
            : null;

    /// <summary>What a person flagged, with everything that a scan would find in it. Nothing is stored.</summary>
    /// <returns>Null when the policy has no such service.</returns>
    internal async Task<JudgedUpload?> ExamineAsync(
        string service, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _policy.Find(service) is { } policy
            ? await JudgeAsync(policy, bytes, digests: null, mayEstimate: false, mayPutOff: false, cancellationToken)
            : null;

    /// <summary>Judges content by fingerprints alone; what is not clean keeps its record, all in one transaction.</summary>
    /// <returns>One result for each item, in their order.</returns>
    public async Task<IReadOnlyList<ScanResult>> LookupAsync(
        string service, IReadOnlyList<LookupItem> items, CancellationToken cancellationToken)
    {
        if (_policy.Find(service) is not { } policy)
        {
            return [.. items.Select(_ => new ScanResult.UnknownService())];
        }

        var index = _index.Current;
        var now = Now();
        var results = new List<ScanResult>(items.Count);
        var records = new List<KeptScan>();
        foreach (var item in items)
        {
            var fingerprints = item.Fingerprints;
            var identity = fingerprints.Digests.Count > 0
                ? fingerprints.Digests[0].ToBytes()
                : fingerprints.Needles[0].Hash.ToBytes();
            var findings = Matcher.Find(index, policy, fingerprints, UploadShare.Of(_shareKey, identity), now);
            var verdict = policy.Judge(findings, outcome: null);
            var id = ScanId.New();
            if (verdict.IsKept)
            {
                var record = RecordOf(
                    id, service, verdict, fingerprints.Digests, item.ContentId, item.UploaderToken, uploadedAt: null, now);
                records.Add(new KeptScan(
                    record,
                    verdict.OpensCase ? IncomingOf(record, item.By) with { Gap = EvidenceGap.NoBytes } : null));
            }

            results.Add(new ScanResult.Answered(id, verdict.Action, AnswerDetail.Of(verdict)));
        }

        await _records.KeepAsync(records, more: null, cancellationToken);
        return results;
    }

    /// <summary>
    /// Gives the second verdict on an upload that was answered before its regions were compared. Clean, nothing is kept or
    /// said of it; else it has its record, case and line of the feed, under the id that was answered.
    /// </summary>
    /// <param name="isGivenUp">It could not be compared after many attempts: a person looks.</param>
    internal async Task FollowUpAsync(RegionWork work, bool isGivenUp, CancellationToken cancellationToken)
    {
        // The policy may have changed meanwhile, and the service gone with it.
        if (_policy.Find(work.Request.Service) is not { } policy)
        {
            await _backlog.RemoveAsync(work.Id, cancellationToken);
            return;
        }

        var judged = isGivenUp
            ? GivenUp(work.Request.Bytes)
            : await JudgeAsync(policy, work.Request.Bytes, digests: null, mayEstimate: false, mayPutOff: false, cancellationToken);
        var upload = new ScannedUpload(work.Id, work.Request, judged, Now());
        if (judged.Verdict.OpensCase)
        {
            upload = await SealAsync(upload, cancellationToken);
        }

        if (upload.Kept() is { } kept)
        {
            await _records.KeepSecondAsync(kept, cancellationToken);
        }
        else
        {
            await _backlog.RemoveAsync(work.Id, cancellationToken);
        }
    }

    private JudgedUpload GivenUp(ReadOnlyMemory<byte> bytes)
    {
        const string Detail = "Its regions could not be compared.";
        var verdict = new Verdict
        {
            Action = VerdictAction.Hold,
            Reasons = [Reasons.Undecodable(UndecodableReason.WorkerCrashed)],
            Matches = [],
            IndexGeneration = _index.Current.Number,
        };
        return new JudgedUpload(
            verdict, new UploadDigests(DigestCalculator.Compute(bytes.Span)), new DecodeOutcome.Undecodable(UndecodableReason.WorkerCrashed, Detail));
    }

    /// <summary>What puts an upload in the queue beside keeping its answer; null where there is nothing to put off.</summary>
    private Func<System.Data.Common.DbTransaction, Task>? PutOff(ScannedUpload upload) =>
        upload.Judged.Regions == RegionState.Pending
            ? transaction => _backlog.AddAsync(transaction, upload.Id, upload.Request, upload.ScannedAt)
            : null;

    private async Task<ScannedUpload> ScanOnceAsync(
        ServicePolicy policy, ScanRequest request, UploadDigests? digests, CancellationToken cancellationToken)
    {
        var known = digests ?? (request.Digests is null ? null : DigestsOf(request));
        var judged = await JudgeAsync(
            policy, request.Bytes, known, mayEstimate: true, mayPutOff: !request.WaitsForRegions, cancellationToken);
        Interlocked.Increment(ref _matchedUploads);
        var upload = new ScannedUpload(ScanId.New(), request, judged, Now());
        return judged.Verdict.OpensCase ? await SealAsync(upload, cancellationToken) : upload;
    }

    /// <summary>
    /// Puts the bytes of an upload that gets a case on stable storage before anything else is kept of it. Where that fails
    /// the platform must not throw its own copy away, so it is told to hold, whatever the verdict would have been.
    /// </summary>
    private async Task<ScannedUpload> SealAsync(ScannedUpload upload, CancellationToken cancellationToken)
    {
        // What stands here of a file that is too large is its start alone, which would be evidence of nothing.
        var isWhole = upload.Request.Digests is null;
        if (!isWhole && upload.Request.OpenWhole is null)
        {
            return upload with { Gap = EvidenceGap.TooLarge };
        }

        var facts = Capture.Of(upload.Id.ToString(), upload.Request, upload.Judged, upload.ScannedAt);
        var sealing = isWhole
            ? _cases.Intake.SealAsync(upload.Request.Bytes, facts, cancellationToken)
            : _cases.Intake.SealAsync(upload.Request.OpenWhole!, upload.Judged.Digests.Sha256, facts, cancellationToken);
        return await sealing is { } staged
            ? upload with { Staged = staged }
            : upload with
            {
                Gap = EvidenceGap.NotSealed,
                Judged = upload.Judged with
                {
                    Verdict = upload.Verdict with
                    {
                        Action = VerdictAction.Hold,
                        Reasons = [.. upload.Verdict.Reasons, Reasons.EvidenceNotSealed],
                    },
                },
            };
    }

    /// <param name="digests">Of these bytes, where they are known already.</param>
    /// <param name="mayEstimate">Whether a pre-screen may rule out that any bank knows the upload's look.</param>
    /// <param name="mayPutOff">Whether regions may be compared later, where the service says so.</param>
    private async Task<JudgedUpload> JudgeAsync(
        ServicePolicy policy, ReadOnlyMemory<byte> bytes, UploadDigests? digests, bool mayEstimate, bool mayPutOff,
        CancellationToken cancellationToken)
    {
        // The worker reads while the digests are computed here. Whatever happens it is waited for: it reads these bytes.
        var prescreens = mayEstimate && _decoder.Prescreens && policy.AsksForFullAlone && policy.Regions == RegionMode.Off;
        var decoding = prescreens
            ? _decoder.PrescreenAsync(bytes, cancellationToken)
            : DecodeExactlyAsync(policy, bytes, cancellationToken);
        PrescreenOutcome outcome;
        try
        {
            digests ??= new UploadDigests(bytes, _countFullyDigested);
        }
        finally
        {
            outcome = await decoding;
        }

        var share = UploadShare.Of(_shareKey, digests.Sha256.ToBytes());
        if (outcome is PrescreenOutcome.Estimated { Estimate: var estimate })
        {
            if (TryRuleOut(policy, digests, estimate, share) is { } clean)
            {
                Interlocked.Increment(ref _ruledOutUploads);
                return clean;
            }

            // What is kept or compared from here on is the exact fingerprint alone.
            outcome = await DecodeExactlyAsync(policy, bytes, cancellationToken);
        }

        // The banks are asked after the decoder's time, not before it, so that a signal that came meanwhile counts.
        var decoded = ((PrescreenOutcome.Exact)outcome).Outcome;
        var (judged, findings) = Judge(_index.Current, policy, digests, decoded, share);
        return policy.Regions == RegionMode.Off || _regions is null ? judged
            : !RegionStage.IsNeeded(findings, decoded) ? judged with { Regions = RegionState.NotNeeded }
            : mayPutOff && policy.Regions == RegionMode.After && _backlog.HasRoom(bytes.Length) ? judged with { Regions = RegionState.Pending }
            : await CompareRegionsAsync(policy, bytes, judged, findings, share, cancellationToken);
    }

    private async Task<JudgedUpload> CompareRegionsAsync(
        ServicePolicy policy,
        ReadOnlyMemory<byte> bytes,
        JudgedUpload judged,
        MatchFindings findings,
        UploadShare share,
        CancellationToken cancellationToken)
    {
        var regions = await _regions!.FindAsync(policy, bytes, judged.Outcome!, share, cancellationToken);
        findings = findings with
        {
            Matches = [.. regions.Matches.Where(match => !match.IsShadow)],
            Shadow = [.. findings.Shadow, .. regions.Matches.Where(match => match.IsShadow)],
        };
        return judged with
        {
            Verdict = policy.Judge(findings, regions.Unread ?? judged.Outcome),
            Regions = RegionState.Done,
        };
    }

    /// <summary>The verdict on an upload that no bank can know by its look, or null where one might, or must be kept.</summary>
    private JudgedUpload? TryRuleOut(
        ServicePolicy policy, UploadDigests digests, PictureEstimate estimate, UploadShare share)
    {
        var index = _index.Current;
        var scratch = _scratches.Take();
        var isRuledOut = Matcher.RulesOut(index, policy, estimate, share, Now(), scratch);
        _scratches.GiveBack(scratch);
        return isRuledOut && Judge(index, policy, digests, outcome: null, share).Judged is { Verdict.IsKept: false } clean ? clean : null;
    }

    private (JudgedUpload Judged, MatchFindings Findings) Judge(
        IndexGeneration index, ServicePolicy policy, UploadDigests digests, DecodeOutcome? outcome, UploadShare share)
    {
        var scratch = _scratches.Take();
        var findings = Matcher.Find(index, policy, Fingerprints.Of(digests, outcome, policy, index), share, Now(), scratch);
        _scratches.GiveBack(scratch);
        return (new JudgedUpload(policy.Judge(findings, outcome), digests, outcome), findings);
    }

    private async Task<PrescreenOutcome> DecodeExactlyAsync(
        ServicePolicy policy, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        new PrescreenOutcome.Exact(await _decoder.DecodeAsync(bytes, policy.Profiles, cancellationToken));

    private async Task<ScanResult> RepeatAsync(
        IdempotencyWindow.Remembered answer, bool isSameRequest, CancellationToken cancellationToken)
    {
        if (!isSameRequest)
        {
            return new ScanResult.KeyReused();
        }

        if (!ScanId.TryParse(answer.ScanId, out var id))
        {
            throw new StoreUnusableException("A remembered answer is damaged. Restore the store from a backup.");
        }

        var detail = await _records.FindAsync(id, cancellationToken) is { Record: var record }
            ? AnswerDetail.Of(record)
            : new AnswerDetail([], [], answer.IndexGeneration, Approximate: false);
        return new ScanResult.Answered(id, Words.Parse<VerdictAction>(answer.Verdict), detail)
        {
            Regions = _policy.Find(answer.Service) is not { Regions: not RegionMode.Off } ? RegionState.Off
                : await _backlog.ContainsAsync(id, cancellationToken) ? RegionState.Pending
                : RegionState.Done,
        };
    }

    /// <summary>Waits until no other request under this key is under way, and takes its place.</summary>
    private async Task<Turn> TakeTurnAsync(IdempotencyKey key, CancellationToken cancellationToken)
    {
        var turn = new Turn(key, _underWay);
        while (true)
        {
            var first = _underWay.GetOrAdd(key, turn.Ended);
            if (first == turn.Ended)
            {
                return turn;
            }

            await first.WaitAsync(cancellationToken);
        }
    }

    private static ScanRecord RecordOf(
        ScanId id,
        string service,
        Verdict verdict,
        IEnumerable<Digest> digests,
        string? contentId,
        string? uploaderToken,
        DateTimeOffset? uploadedAt,
        DateTimeOffset now) => new()
        {
            Id = id,
            Service = service,
            Verdict = verdict.Action,
            IndexGeneration = verdict.IndexGeneration,
            ScannedAt = now,
            Facts = new ScanFacts
            {
                ContentId = contentId,
                UploaderToken = uploaderToken,
                UploadedAt = uploadedAt,
                Reasons = verdict.Reasons,
                Matches = [.. verdict.Matches.Concat(verdict.ShadowMatches).Select(KeptMatch.Of)],
                Digests = ScanFacts.DigestsByName(digests),
                Approximate = verdict.Approximate,
            },
        };

    /// <summary>Everything that makes a request this request, each part with its length before it.</summary>
    private static byte[] Identity(ScanRequest request, in Digest sha256)
    {
        var text = new StringBuilder();
        foreach (var part in new[]
                 {
                     request.Service, request.ContentId, request.UploaderToken,
                     request.UploadedAt?.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
                     sha256.ToString(), request.FileName,
                     request.Network.Count == 0 ? null : JsonSerializer.Serialize(request.Network),
                     request.Context.Count == 0 ? null : JsonSerializer.Serialize(request.Context),
                 })
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{part?.Length ?? -1}:{part}|");
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private UploadDigests DigestsOf(ScanRequest request) => request.Digests is { } all
        ? new UploadDigests(all)
        : new UploadDigests(request.Bytes, _countFullyDigested);

    /// <summary>As precise as it is stored, so that a record reads back equal.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The way of a record into its case; what came of its bytes is still to be said.</summary>
    private static IncomingUpload IncomingOf(ScanRecord record, Actor by) => new()
    {
        Source = record.Id.ToString(),
        Service = record.Service,
        Verdict = record.Verdict,
        IsHeld = record.Verdict == VerdictAction.Hold,
        CameAt = record.ScannedAt,
        By = by,
        Facts = new CaseUploadFacts
        {
            ContentId = record.Facts.ContentId,
            UploaderToken = record.Facts.UploaderToken,
            UploadedAt = record.Facts.UploadedAt,
            Reasons = record.Facts.Reasons,
            Matches = record.Facts.Matches,
            Digests = record.Facts.Digests,
        },
    };

    /// <summary>One upload with its verdict; only what must be kept becomes a record.</summary>
    private readonly record struct ScannedUpload(
        ScanId Id, ScanRequest Request, JudgedUpload Judged, DateTimeOffset ScannedAt)
    {
        public StagedEvidence? Staged { get; init; }

        public EvidenceGap? Gap { get; init; }

        public Verdict Verdict => Judged.Verdict;

        public ScanResult.Answered Answer() => new(Id, Verdict.Action, AnswerDetail.Of(Verdict)) { Regions = Judged.Regions };

        /// <summary>With all digests where it is kept.</summary>
        public ScanRecord Record() => RecordOf(
            Id, Request.Service, Verdict, Verdict.IsKept ? Judged.AllDigests : [Judged.Digests.Sha256], Request.ContentId,
            Request.UploaderToken, Request.UploadedAt, ScannedAt);

        /// <returns>Null when nothing is kept of it.</returns>
        public KeptScan? Kept()
        {
            if (!Verdict.IsKept)
            {
                return null;
            }

            var record = Record();
            var incoming = IncomingOf(record, Request.By);
            return new KeptScan(record, !Verdict.OpensCase ? null : incoming with
            {
                Staged = Staged,
                Gap = Gap,
                Facts = incoming.Facts with { FileName = Request.FileName },
            });
        }
    }

    private sealed class Turn(IdempotencyKey key, ConcurrentDictionary<IdempotencyKey, Task> underWay) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Ended => _ended.Task;

        public void Dispose()
        {
            underWay.TryRemove(key, out _);
            _ended.SetResult();
        }
    }
}
