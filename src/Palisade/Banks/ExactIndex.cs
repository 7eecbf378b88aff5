using System.Runtime.InteropServices;
using Palisade.Signals.Digests;
using Palisade.Signals.Search;

namespace Palisade.Banks;

/// <summary>
/// Rows by their exact digest: what was there at the load in packed tables, and what came since in an index beside them.
/// Immutable.
/// </summary>
/// <remarks>
/// MD5 and SHA-1, which long lists carry, are packed (18 and 22 bytes each). SHA-256 is kept whole and not packed: a table
/// holds half of it only, and half a digest can be made to collide with enough work, which would let somebody carry a known
/// picture past its bank with a never-match entry. A packed row that went is still found; its row says that it is withdrawn.
/// </remarks>
internal sealed class ExactIndex
{
    private readonly DigestTable? _md5;
    private readonly DigestTable? _sha1;
    private readonly DigestIndex _others;
    private readonly int _gonePacked;

    private ExactIndex(DigestTable? md5, DigestTable? sha1, DigestIndex others, int gonePacked, bool mayHoldWeak)
    {
        (_md5, _sha1, _others, _gonePacked, MayHoldWeak) = (md5, sha1, others, gonePacked, mayHoldWeak);
    }

    public static ExactIndex Empty { get; } = new(null, null, DigestIndex.Empty, 0, mayHoldWeak: false);

    /// <summary>Whether any MD5 or SHA-1 has come since the load, or with it. It stays so when the last of them goes.</summary>
    public bool MayHoldWeak { get; }

    public int Count => (_md5?.Count ?? 0) + (_sha1?.Count ?? 0) - _gonePacked + _others.Count;

    public static bool IsPacked(SignalType type) => type is SignalType.Md5 or SignalType.Sha1;

    /// <summary>The index after some rows went and some came.</summary>
    /// <param name="removed">Rows that came since the load, or are not packed.</param>
    /// <param name="removedPacked">How many of the packed rows went besides.</param>
    public ExactIndex With(
        IReadOnlyCollection<KeyValuePair<int, Digest>> added, IReadOnlyCollection<int> removed, int removedPacked) =>
        new(_md5, _sha1, _others.With(added, removed), _gonePacked + removedPacked,
            MayHoldWeak || added.Any(row => row.Value.Type != DigestType.Sha256));

    /// <summary>Appends the rows that have this digest; those that are withdrawn may be among them.</summary>
    public void Find(in Digest digest, ICollection<int> found)
    {
        switch (digest.Type)
        {
            case DigestType.Md5:
                _md5?.Find(digest, found);
                break;
            case DigestType.Sha1:
                _sha1?.Find(digest, found);
                break;
            default:
                break;
        }

        _others.Find(digest, found);
    }

    /// <summary>Collects digests at the load.</summary>
    public sealed class Builder
    {
        private readonly List<Digest> _others = [];
        private readonly List<int> _otherRows = [];
        private readonly Packed _md5 = new();
        private readonly Packed _sha1 = new();

        public void Add(in Digest digest, int row)
        {
            switch (digest.Type)
            {
                case DigestType.Md5:
                    _md5.Add(digest, row);
                    break;
                case DigestType.Sha1:
                    _sha1.Add(digest, row);
                    break;
                default:
                    _others.Add(digest);
                    _otherRows.Add(row);
                    break;
            }
        }

        public ExactIndex Build() => new(
            _md5.Build(DigestType.Md5),
            _sha1.Build(DigestType.Sha1),
            DigestIndex.Build(CollectionsMarshal.AsSpan(_others), CollectionsMarshal.AsSpan(_otherRows)),
            gonePacked: 0,
            mayHoldWeak: _md5.Count + _sha1.Count > 0);
    }

    private sealed class Packed
    {
        private readonly List<byte> _bytes = [];
        private readonly List<int> _rows = [];

        public int Count => _rows.Count;

        public void Add(in Digest digest, int row)
        {
            Span<byte> bytes = stackalloc byte[32];
            _bytes.AddRange(bytes[..digest.WriteTo(bytes)]);
            _rows.Add(row);
        }

        public DigestTable? Build(DigestType type) => _rows.Count == 0
            ? null
            : DigestTable.Build(type, CollectionsMarshal.AsSpan(_bytes), CollectionsMarshal.AsSpan(_rows));
    }
}
