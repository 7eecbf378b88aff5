using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Server.Cli;
using Palisade.Signals.Pdq;
using Palisade.Signals.Regions;
using Palisade.Signals.Search.Regions;

namespace Palisade.Server.Bench.Derivatives;

/// <summary>
/// Enrols a set's originals among its other pictures, looks up every altered copy, and counts what is found, what is found
/// wrongly, and how well the map shows where a copy was altered. All files go through the sandboxed decoder.
/// </summary>
/// <param name="points">Enrolled points of a picture, 25 to 300.</param>
internal sealed class DerivativesBench(DerivativeSet set, LocalDecoders decoders, int points, Action<string> says)
{
    /// <summary>The distance up to which PDQ counts as a match, as the field has it.</summary>
    private const int PdqRadius = 31;

    private const double LeastMaskShare = 0.15;

    private readonly RegionSearcher _searcher = new();
    private readonly MapComparison _comparison = new();
    private readonly Dictionary<string, List<(int Score, bool IsPdq)>> _scores = new(StringComparer.Ordinal);
    private readonly List<WrongMatch> _wrong = [];
    private readonly List<double> _overlaps = [];
    private readonly List<RegionQuery> _queries = [];
    private double _searchMs;

    /// <param name="lookUpPictures">Synthetic pictures to look up among; 0 leaves that out.</param>
    public async Task<DerivativesResult> RunAsync(int lookUpPictures, CancellationToken cancellationToken)
    {
        says($"enrolling {set.Enrolled.Count:#,0} pictures");
        var (enrolled, enrolMs) = await FindAsync(set.Enrolled, RegionParts.DenseCodes | RegionParts.Map, cancellationToken);
        var codes = enrolled.Select(picture => picture.DenseCodes?.First(Math.Min(points, picture.DenseCodes.Count))).ToList();
        var index = RegionIndex.Empty.With(
            [.. codes.Index().Where(one => one.Item is not null).Select(one => KeyValuePair.Create(one.Index, one.Item!))], []);
        var pdq = await HashAsync(cancellationToken);

        var uploads = set.Altered.Concat(set.Negatives).ToList();
        says($"looking up {uploads.Count:#,0} pictures");
        var (found, queryMs) = await FindAsync(uploads, RegionParts.Query, cancellationToken);
        for (var at = 0; at < uploads.Count; at++)
        {
            await LookUpAsync(index, uploads[at], found[at].Query!, pdq, enrolled, cancellationToken);
        }

        var lookUp = lookUpPictures == 0 ? null : LookUpBench.Run(
            lookUpPictures, points, [.. codes.OfType<RegionCodes>()],
            [.. _queries.Where((_, at) => at % Math.Max(1, _queries.Count / 60) == 0)], says);
        return Sum(codes, index, uploads.Count, enrolMs, queryMs, lookUp);
    }

    private async Task LookUpAsync(
        RegionIndex index, SetPicture upload, RegionQuery query, Dictionary<string, PdqFingerprint> pdq,
        List<RegionAnswer> enrolled, CancellationToken cancellationToken)
    {
        var matches = new List<RegionMatch>();
        var before = ThreadClock.Milliseconds();
        _searcher.Search(index, query, matches);
        _searchMs += ThreadClock.Milliseconds() - before;
        _queries.Add(query);

        var score = 0;
        foreach (var match in matches)
        {
            var picture = set.Enrolled[match.Row];
            if (picture.File != upload.Original)
            {
                _wrong.Add(new WrongMatch(upload.File, picture.File, match.Score, set.IsSameScene(upload, picture)));
                continue;
            }

            score = match.Score;
            if (upload.Mask is not null && upload.AlteredShare >= LeastMaskShare)
            {
                var seen = (await FindAsync([upload], RegionParts.Picture, cancellationToken)).Found[0];
                var mask = (await FindAsync([upload with { File = upload.Mask }], RegionParts.Whole, cancellationToken)).Found[0];
                _overlaps.Add(MapOverlap.Of(
                    _comparison.Compare(enrolled[match.Row].Map!, seen.Picture!, match.Transform), mask.Whole!));
            }
        }

        if (upload.Original is { } original)
        {
            var family = DerivativeFamilies.Of(upload.Transform!);
            if (!_scores.TryGetValue(family, out var scores))
            {
                _scores[family] = scores = [];
            }

            scores.Add((score, IsPdqMatch(pdq[upload.File], pdq[original])));
        }
    }

    /// <summary>In any of the eight turns and mirrorings, as Palisade matches.</summary>
    private static bool IsPdqMatch(PdqFingerprint upload, PdqFingerprint original)
    {
        for (var turn = 0; turn < 8; turn++)
        {
            if (upload.Hashes[turn].DistanceTo(original.Hashes[0]) <= PdqRadius)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<(List<RegionAnswer> Found, double MillisecondsEach)> FindAsync(
        List<SetPicture> pictures, RegionParts parts, CancellationToken cancellationToken)
    {
        var found = new List<RegionAnswer>(pictures.Count);
        await using var meter = ProcessorMeter.Start(Environment.ProcessId, TimeProvider.System);
        await foreach (var answer in InOrder.SelectAsync(pictures, decoders.AtOnce, AskAsync, cancellationToken))
        {
            found.Add(answer);
        }

        return (found, (await meter.StopAsync()).DescendantSeconds * 1000 / Math.Max(1, pictures.Count));

        async Task<RegionAnswer> AskAsync(SetPicture picture, CancellationToken cancellation)
        {
            var bytes = await File.ReadAllBytesAsync(set.PathOf(picture.File), cancellation);
            return await decoders.Pool.FindRegionsAsync(bytes, parts, cancellation) switch
            {
                RegionOutcome.Found { Regions: var regions } => regions,
                _ => throw new IOException($"{set.PathOf(picture.File)} could not be decoded; the set is damaged."),
            };
        }
    }

    private async Task<Dictionary<string, PdqFingerprint>> HashAsync(CancellationToken cancellationToken)
    {
        var pictures = set.Altered.Concat(set.Enrolled.Where(one => set.Altered.Exists(other => other.Original == one.File))).ToList();
        says($"hashing {pictures.Count:#,0} pictures with PDQ");
        var hashes = new Dictionary<string, PdqFingerprint>(StringComparer.Ordinal);
        await foreach (var (file, hash) in InOrder.SelectAsync(pictures, decoders.AtOnce, HashOneAsync, cancellationToken))
        {
            hashes[file] = hash;
        }

        return hashes;

        async Task<(string File, PdqFingerprint Hash)> HashOneAsync(SetPicture picture, CancellationToken cancellation)
        {
            var bytes = await File.ReadAllBytesAsync(set.PathOf(picture.File), cancellation);
            return await decoders.Pool.DecodeAsync(bytes, cancellation) is DecodeOutcome.Decoded { Picture: var facts }
                ? (picture.File, facts.Frames[0].Full)
                : throw new IOException($"{set.PathOf(picture.File)} could not be decoded; the set is damaged.");
        }
    }

    private DerivativesResult Sum(
        List<RegionCodes?> codes, RegionIndex index, int queries, double enrolMs, double queryMs, LookUpCost? lookUp)
    {
        var all = FamilyOf(_scores.Values.SelectMany(scores => scores));
        var wrong = _wrong.Where(match => !match.IsSameScene).ToList();
        var families = DerivativeFamilies.All.Where(_scores.ContainsKey)
            .ToDictionary(family => family, family => FamilyOf(_scores[family]), StringComparer.Ordinal);
        return new DerivativesResult(
            points, index.Count, codes.Count - index.Count, queries, all.Recall6, all.Recall8, all.Recall10, all.PdqRecall,
            wrong.Count, wrong.Count(match => match.Score >= 8), wrong.Count(match => match.Score >= 10),
            _overlaps.DefaultIfEmpty().Average(), _overlaps.Count, codes.OfType<RegionCodes>().Average(one => one.Bytes.Length),
            AlteredMap.ByteCount, enrolMs, queryMs, _searchMs / queries, families, _wrong, lookUp);
    }

    private static FamilyRecall FamilyOf(IEnumerable<(int Score, bool IsPdq)> scores)
    {
        var all = scores.ToList();
        return new FamilyRecall(all.Count, Share(6), Share(8), Share(10), all.Count(one => one.IsPdq) / (double)all.Count);

        double Share(int least) => all.Count(one => one.Score >= least) / (double)all.Count;
    }
}
