using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Signals.MicroBench;

/// <summary>Look-ups among a million random entries; each call asks for the next of many needles.</summary>
[MemoryDiagnoser]
public class SearchMicroBench
{
    private const int Entries = 1_000_000;
    private const int Needles = 1_024;
    private const int Md5Bytes = 16;

    private readonly List<PdqNeighbour> _found = [];
    private readonly List<int> _rows = [];
    private readonly PdqHash[] _needles = new PdqHash[Needles];
    private readonly Digest[] _digests = new Digest[Needles];
    private PdqIndex _index = PdqIndex.Empty;
    private DigestTable _table = null!;
    private int _next;

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        var numbers = Enumerable.Range(0, Entries).ToArray();
        var hashes = new PdqHash[Entries];
        random.NextBytes(MemoryMarshal.AsBytes(hashes.AsSpan()));
        random.NextBytes(MemoryMarshal.AsBytes(_needles.AsSpan()));
        _index = PdqIndex.Build(hashes, numbers);

        var digests = new byte[Entries * Md5Bytes];
        random.NextBytes(digests);
        _table = DigestTable.Build(DigestType.Md5, digests, numbers);
        for (var at = 0; at < Needles; at++)
        {
            // Every second one is there.
            var asked = digests.AsSpan(random.Next(Entries) * Md5Bytes, Md5Bytes).ToArray();
            asked[0] ^= (byte)(at % 2);
            _digests[at] = new Digest(DigestType.Md5, asked);
        }
    }

    [Benchmark(Description = "search within 31 bits among 1 M")]
    public int Search()
    {
        _found.Clear();
        _index.Find(_needles[_next++ % Needles], PdqHash.DefaultMatchDistance, _found);
        return _found.Count;
    }

    [Benchmark(Description = "MD5 look-up among 1 M")]
    public int LookUp()
    {
        _rows.Clear();
        _table.Find(_digests[_next++ % Needles], _rows);
        return _rows.Count;
    }
}
