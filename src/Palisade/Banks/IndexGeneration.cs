using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;
using Palisade.Signals.Search;

namespace Palisade.Banks;

/// <summary>
/// All banks as they stood after one change, in memory. Immutable, so any number of threads may search it.
/// </summary>
public sealed class IndexGeneration
{
    private readonly Bank?[] _bankOfSlot;
    private readonly IndexRows _rows;
    private readonly PdqIndex _pdq;
    private readonly ExactIndex _digests;

    internal IndexGeneration(long number, Bank?[] bankOfSlot, IndexRows rows, PdqIndex pdq, ExactIndex digests)
    {
        Number = number;
        _bankOfSlot = bankOfSlot;
        _rows = rows;
        _pdq = pdq;
        _digests = digests;
        Banks = [.. bankOfSlot.OfType<Bank>().OrderBy(bank => bank.Name, StringComparer.Ordinal)];
        LargestDistanceBits = Banks.Select(bank => bank.MaxDistanceBits).DefaultIfEmpty(0).Max();
    }

    /// <summary>
    /// The sequence number of the last change that is in here with all before it. Later ones may be in here too while a
    /// large list is being taken in beside it.
    /// </summary>
    public long Number { get; }

    /// <summary>By name.</summary>
    public IReadOnlyList<Bank> Banks { get; }

    /// <summary>The widest distance of any bank: the radius to search with.</summary>
    public int LargestDistanceBits { get; }

    /// <summary>Signals that can be found, disabled and probation ones included.</summary>
    public int SignalCount => _pdq.Count + _digests.Count;

    /// <summary>False where no bank lists an MD5 or SHA-1, so that an upload's need not be looked for.</summary>
    public bool MayHoldWeakDigests => _digests.MayHoldWeak;

    /// <summary>Every signal that can be found, in no particular order.</summary>
    public IEnumerable<IndexedSignal> Signals
    {
        get
        {
            for (var row = 0; row < _rows.Count; row++)
            {
                if (_rows[row].State != SignalState.Withdrawn)
                {
                    yield return Found(row);
                }
            }
        }
    }

    /// <summary>Appends the signals that have one of these digests, whatever their state.</summary>
    public void FindExact(in FileDigests digests, ICollection<IndexedSignal> found)
    {
        FindExact(digests.Md5, found);
        FindExact(digests.Sha1, found);
        FindExact(digests.Sha256, found);
    }

    /// <inheritdoc cref="FindExact(in FileDigests, ICollection{IndexedSignal})"/>
    public void FindExact(in Digest digest, ICollection<IndexedSignal> found)
    {
        FindExact(digest, [], found);
    }

    /// <param name="rows">Scratch of the caller's.</param>
    internal void FindExact(in Digest digest, List<int> rows, ICollection<IndexedSignal> found)
    {
        rows.Clear();
        _digests.Find(digest, rows);
        foreach (var row in rows)
        {
            if (_rows[row].State != SignalState.Withdrawn)
            {
                found.Add(Found(row));
            }
        }
    }

    /// <summary>
    /// Appends the PDQ signals within a radius, whatever their state, without those of too low a quality for their bank.
    /// Each bank has its own distance: the caller compares.
    /// </summary>
    public void FindNear(in PdqHash needle, int radius, ICollection<NearSignal> found)
    {
        var neighbours = new List<PdqNeighbour>();
        _pdq.Find(needle, radius, neighbours);
        foreach (var (row, distance) in neighbours)
        {
            if (Found(row) is { HasEnoughQuality: true } signal)
            {
                found.Add(new NearSignal(signal, distance));
            }
        }
    }

    /// <summary>The same for several needles at once: each signal found comes with its needle's place among them.</summary>
    /// <param name="neighbours">Scratch of the caller's.</param>
    internal void FindNear(
        ReadOnlySpan<PdqHash> needles,
        int radius,
        List<PdqNeedleNeighbour> neighbours,
        ICollection<(int Needle, NearSignal Near)> found)
    {
        neighbours.Clear();
        _pdq.FindAll(needles, radius, neighbours);
        foreach (var (needle, row, distance) in neighbours)
        {
            if (Found(row) is { HasEnoughQuality: true } signal)
            {
                found.Add((needle, new NearSignal(signal, distance)));
            }
        }
    }

    private IndexedSignal Found(int row) => _rows[row].With(_bankOfSlot[_rows[row].BankSlot]!);
}
