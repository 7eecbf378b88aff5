using System.Runtime.CompilerServices;

namespace Palisade.Signals.Pdq;

/// <summary>
/// What PDQ says about one picture in one profile: its eight hashes, one for each orientation, and its quality.
/// </summary>
/// <param name="Hashes">Indexed by <see cref="Orientation"/>; the first is the picture as it lies.</param>
/// <param name="Quality">0 (no gradient at all) to 100; the field drops hashes under 50.</param>
public readonly record struct PdqFingerprint(DihedralHashes Hashes, int Quality)
{
    public PdqHash Hash => Hashes[Orientation.Original];
}

/// <summary>Eight PDQ hashes, one for each <see cref="Orientation"/>, made from one DCT.</summary>
[InlineArray(8)]
public struct DihedralHashes : IEquatable<DihedralHashes>
{
    private PdqHash _first;

    public PdqHash this[Orientation orientation]
    {
        readonly get => this[(int)orientation];
        set => this[(int)orientation] = value;
    }

    public readonly bool Equals(DihedralHashes other) => ((ReadOnlySpan<PdqHash>)this).SequenceEqual(other);

    public override readonly bool Equals(object? obj) => obj is DihedralHashes other && Equals(other);

    public override readonly int GetHashCode() => _first.GetHashCode();

    public static bool operator ==(DihedralHashes left, DihedralHashes right) => left.Equals(right);

    public static bool operator !=(DihedralHashes left, DihedralHashes right) => !left.Equals(right);
}
