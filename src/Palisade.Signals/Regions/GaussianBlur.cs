using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Regions;

/// <summary>Blurs a plane with a Gaussian: radius ceil(3 sigma), edges repeated outwards, weights that sum to 1.</summary>
/// <remarks>
/// Vectors run across neighbouring pixels, and each pixel's sum has one order, so every width of vector gives the same
/// bits.
/// </remarks>
internal sealed class GaussianBlur
{
    private float[] _weights = [];
    private nint[] _rowOffsets = [];
    private float[] _row = [];

    public GaussianBlur(double sigma)
    {
        SetSigma(sigma);
    }

    public int Radius { get; private set; }

    public void SetSigma(double sigma)
    {
        Radius = (int)Math.Ceiling(3 * sigma);
        if (_weights.Length <= Radius)
        {
            (_weights, _rowOffsets) = (new float[Radius + 1], new nint[(2 * Radius) + 1]);
        }

        var sum = 1.0;
        for (var at = 1; at <= Radius; at++)
        {
            sum += 2 * PlainMath.Exp(-at * at / (2 * sigma * sigma));
        }

        for (var at = 0; at <= Radius; at++)
        {
            _weights[at] = (float)(PlainMath.Exp(-at * at / (2 * sigma * sigma)) / sum);
        }
    }

    /// <param name="to">Resized to fit; another plane than <paramref name="from"/>.</param>
    public void Apply(Plane from, Plane to)
    {
        to.Resize(from.Width, from.Height);
        var (stride, width, margin) = (from.Stride, from.Width, Radius);
        if (_row.Length < stride + (2 * margin) + Plane.Lanes)
        {
            _row = new float[stride + (2 * margin) + Plane.Lanes];
        }

        ref var source = ref MemoryMarshal.GetReference(from.Values);
        for (var y = 0; y < from.Height; y++)
        {
            for (var at = -margin; at <= margin; at++)
            {
                _rowOffsets[at + margin] = (nint)Math.Clamp(y + at, 0, from.Height - 1) * stride;
            }

            AddRows(ref source, ref _row[margin], stride);
            _row.AsSpan(0, margin).Fill(_row[margin]);
            _row.AsSpan(margin + width).Fill(_row[margin + width - 1]);
            AddColumns(ref _row[margin], ref MemoryMarshal.GetReference(to.Row(y)), stride);
        }
    }

    private void AddRows(ref float source, ref float row, int stride)
    {
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        ref var offsets = ref MemoryMarshal.GetArrayDataReference(_rowOffsets);
        var radius = Radius;
        for (nint x = 0; x < stride; x += Plane.Lanes)
        {
            ref var column = ref Unsafe.Add(ref source, x);
            if (Vector512.IsHardwareAccelerated)
            {
                var sum = Vector512.LoadUnsafe(ref Unsafe.Add(ref column, Unsafe.Add(ref offsets, radius))) *
                    Vector512.Create(weights);
                for (var at = 1; at <= radius; at++)
                {
                    var pair = Vector512.LoadUnsafe(ref Unsafe.Add(ref column, Unsafe.Add(ref offsets, radius - at))) +
                        Vector512.LoadUnsafe(ref Unsafe.Add(ref column, Unsafe.Add(ref offsets, radius + at)));
                    sum += pair * Vector512.Create(Unsafe.Add(ref weights, at));
                }

                sum.StoreUnsafe(ref row, (nuint)x);
                continue;
            }

            ref var high = ref Unsafe.Add(ref column, 8);
            var weight = Vector256.Create(weights);
            var sum0 = Vector256.LoadUnsafe(ref Unsafe.Add(ref column, Unsafe.Add(ref offsets, radius))) * weight;
            var sum1 = Vector256.LoadUnsafe(ref Unsafe.Add(ref high, Unsafe.Add(ref offsets, radius))) * weight;
            for (var at = 1; at <= radius; at++)
            {
                var (above, below) = (Unsafe.Add(ref offsets, radius - at), Unsafe.Add(ref offsets, radius + at));
                weight = Vector256.Create(Unsafe.Add(ref weights, at));
                sum0 += (Vector256.LoadUnsafe(ref Unsafe.Add(ref column, above)) +
                    Vector256.LoadUnsafe(ref Unsafe.Add(ref column, below))) * weight;
                sum1 += (Vector256.LoadUnsafe(ref Unsafe.Add(ref high, above)) +
                    Vector256.LoadUnsafe(ref Unsafe.Add(ref high, below))) * weight;
            }

            sum0.StoreUnsafe(ref row, (nuint)x);
            sum1.StoreUnsafe(ref row, (nuint)(x + 8));
        }
    }

    private void AddColumns(ref float row, ref float target, int stride)
    {
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        var radius = Radius;
        for (nint x = 0; x < stride; x += Plane.Lanes)
        {
            ref var centre = ref Unsafe.Add(ref row, x);
            if (Vector512.IsHardwareAccelerated)
            {
                var sum = Vector512.LoadUnsafe(ref centre) * Vector512.Create(weights);
                for (var at = 1; at <= radius; at++)
                {
                    var pair = Vector512.LoadUnsafe(ref Unsafe.Subtract(ref centre, at)) +
                        Vector512.LoadUnsafe(ref Unsafe.Add(ref centre, at));
                    sum += pair * Vector512.Create(Unsafe.Add(ref weights, at));
                }

                sum.StoreUnsafe(ref target, (nuint)x);
                continue;
            }

            ref var high = ref Unsafe.Add(ref centre, 8);
            var weight = Vector256.Create(weights);
            var sum0 = Vector256.LoadUnsafe(ref centre) * weight;
            var sum1 = Vector256.LoadUnsafe(ref high) * weight;
            for (var at = 1; at <= radius; at++)
            {
                weight = Vector256.Create(Unsafe.Add(ref weights, at));
                sum0 += (Vector256.LoadUnsafe(ref Unsafe.Subtract(ref centre, at)) +
                    Vector256.LoadUnsafe(ref Unsafe.Add(ref centre, at))) * weight;
                sum1 += (Vector256.LoadUnsafe(ref Unsafe.Subtract(ref high, at)) +
                    Vector256.LoadUnsafe(ref Unsafe.Add(ref high, at))) * weight;
            }

            sum0.StoreUnsafe(ref target, (nuint)x);
            sum1.StoreUnsafe(ref target, (nuint)(x + 8));
        }
    }
}
