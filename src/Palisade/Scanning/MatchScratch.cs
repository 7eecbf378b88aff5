using System.Collections.Concurrent;
using Palisade.Banks;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Scanning;

/// <summary>What a look into the banks needs while it lasts, used again from upload to upload so that none allocates it.</summary>
public sealed class MatchScratch
{
    internal List<int> Rows { get; } = [];

    internal List<IndexedSignal> Found { get; } = [];

    internal List<Match> Exact { get; } = [];

    /// <summary>Needles of enough quality, and their hashes in the same order.</summary>
    internal List<Needle> Needles { get; } = [];

    internal List<PdqHash> Hashes { get; } = [];

    internal List<PdqNeedleNeighbour> Neighbours { get; } = [];

    internal List<(int Needle, NearSignal Near)> Near { get; } = [];

    /// <summary>The nearest match of each signal in each frame.</summary>
    internal Dictionary<(SignalId Signal, int Frame), Match> Best { get; } = [];

    internal HashSet<int> FalseAlarmFrames { get; } = [];

    internal void Clear()
    {
        Found.Clear();
        Exact.Clear();
        Needles.Clear();
        Hashes.Clear();
        Near.Clear();
        Best.Clear();
        FalseAlarmFrames.Clear();
    }
}

/// <summary>Scratch that waits for its next user. As many as were ever in use at once, which the decoder's queue bounds.</summary>
internal sealed class MatchScratches
{
    private readonly ConcurrentBag<MatchScratch> _free = [];

    public MatchScratch Take() => _free.TryTake(out var scratch) ? scratch : new MatchScratch();

    public void GiveBack(MatchScratch scratch)
    {
        scratch.Clear();
        _free.Add(scratch);
    }
}
