using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Regions;

/// <summary>A picture of single-precision values whose rows begin at whole vectors.</summary>
/// <remarks>
/// A row's values beyond the width are no part of the picture: they let every loop run in whole vectors, and hold
/// numbers of no meaning.
/// </remarks>
internal sealed class Plane
{
    /// <summary>Values of the widest vector.</summary>
    public const int Lanes = 16;

    private float[] _values = [];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Values from one row's begin to the next.</summary>
    public int Stride { get; private set; }

    public Span<float> Values => _values.AsSpan(0, Stride * Height);

    /// <summary>Gives the plane a size; what it held is lost.</summary>
    public void Resize(int width, int height)
    {
        (Width, Height, Stride) = (width, height, (width + Lanes - 1) / Lanes * Lanes);
        if (_values.Length < (Stride * height) + Lanes)
        {
            _values = new float[(Stride * height) + Lanes];
        }
    }

    public Span<float> Row(int y) => _values.AsSpan(y * Stride, Stride);

    /// <summary>The mean of every 2 x 2 values; an odd last row or column is left out.</summary>
    public void Halve(Plane from)
    {
        Resize(from.Width / 2, from.Height / 2);
        for (var y = 0; y < Height; y++)
        {
            var above = from.Row(2 * y);
            var below = from.Row((2 * y) + 1);
            var row = Row(y);
            for (var x = 0; x < Width; x++)
            {
                row[x] = 0.25f * ((above[2 * x] + above[(2 * x) + 1]) + (below[2 * x] + below[(2 * x) + 1]));
            }
        }
    }

    /// <summary>What one plane is above another of the same size.</summary>
    public void Subtract(Plane high, Plane low)
    {
        Resize(high.Width, high.Height);
        ref var highStart = ref MemoryMarshal.GetReference(high.Values);
        ref var lowStart = ref MemoryMarshal.GetReference(low.Values);
        ref var start = ref MemoryMarshal.GetReference(Values);
        for (nuint at = 0; at < (nuint)Values.Length; at += 8)
        {
            (Vector256.LoadUnsafe(ref highStart, at) - Vector256.LoadUnsafe(ref lowStart, at)).StoreUnsafe(ref start, at);
        }
    }
}
