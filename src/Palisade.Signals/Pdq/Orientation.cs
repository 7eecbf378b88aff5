namespace Palisade.Signals.Pdq;

/// <summary>
/// The eight ways in which a picture can lie, in the order of the reference's dihedral output.
/// </summary>
public enum Orientation
{
    Original,

    /// <summary>Turned 90 degrees counter-clockwise.</summary>
    Rotate90,

    Rotate180,

    /// <summary>Turned 90 degrees clockwise.</summary>
    Rotate270,

    /// <summary>Mirrored top to bottom.</summary>
    FlipX,

    /// <summary>Mirrored left to right.</summary>
    FlipY,

    /// <summary>Transposed on the main diagonal.</summary>
    FlipPlus1,

    /// <summary>Transposed on the other diagonal.</summary>
    FlipMinus1,
}
