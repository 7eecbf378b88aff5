using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>Products of small matrices, each sum taken in the order of its terms and rounded after every step.</summary>
/// <remarks>
/// Vectors run across outputs, never along a sum, and nothing is fused, so that every width of vector gives the bits
/// of the plain triple loop.
/// </remarks>
internal static class Products
{
    /// <summary>The terms of each sum, and the columns of the first product.</summary>
    private const int Terms = PdqTransform.Side;

    /// <summary>The rows of both products.</summary>
    private const int Rows = PdqTransform.Coefficients;

    /// <summary>
    /// product[i][j] = sum over k of left[i][k] x right[k][j], where left[i][k] lies at i x leftRow + k x leftTerm and
    /// the others lie row by row.
    /// </summary>
    public static void Multiply(
        ReadOnlySpan<float> left,
        int leftRow,
        int leftTerm,
        ReadOnlySpan<float> right,
        int columns,
        Span<float> product)
    {
        // One check for all accesses.
        _ = left[((Rows - 1) * leftRow) + ((Terms - 1) * leftTerm)];
        _ = right[(Terms * columns) - 1];
        _ = product[(Rows * columns) - 1];
        ref var leftStart = ref MemoryMarshal.GetReference(left);
        ref var rightStart = ref MemoryMarshal.GetReference(right);
        ref var productStart = ref product[0];
        for (var row = 0; row < Rows; row += 4)
        {
            ref var factors = ref Unsafe.Add(ref leftStart, row * leftRow);
            for (var column = 0; column < columns; column += 16)
            {
                ref var values = ref Unsafe.Add(ref rightStart, column);
                ref var sums = ref Unsafe.Add(ref productStart, (row * columns) + column);
                if (Vector512.IsHardwareAccelerated)
                {
                    MultiplyBlock512(ref factors, leftRow, leftTerm, ref values, columns, ref sums);
                }
                else
                {
                    MultiplyBlock256(ref factors, leftRow, leftTerm, ref values, columns, ref sums);
                }
            }
        }
    }

    /// <summary>Four rows by sixteen columns, in eight running sums that stay in registers.</summary>
    internal static void MultiplyBlock256(
        ref float factors, int leftRow, int leftTerm, ref float values, int columns, ref float sums)
    {
        Vector256<float> sum00 = default, sum01 = default, sum10 = default, sum11 = default;
        Vector256<float> sum20 = default, sum21 = default, sum30 = default, sum31 = default;
        ref var factor1 = ref Unsafe.Add(ref factors, leftRow);
        ref var factor2 = ref Unsafe.Add(ref factors, 2 * leftRow);
        ref var factor3 = ref Unsafe.Add(ref factors, 3 * leftRow);
        for (var (term, at) = (0, (nint)0); term < Terms; term++, at += leftTerm)
        {
            var low = Vector256.LoadUnsafe(ref values, (nuint)(term * columns));
            var high = Vector256.LoadUnsafe(ref values, (nuint)((term * columns) + 8));
            var factor = Vector256.Create(Unsafe.Add(ref factors, at));
            sum00 += low * factor;
            sum01 += high * factor;
            factor = Vector256.Create(Unsafe.Add(ref factor1, at));
            sum10 += low * factor;
            sum11 += high * factor;
            factor = Vector256.Create(Unsafe.Add(ref factor2, at));
            sum20 += low * factor;
            sum21 += high * factor;
            factor = Vector256.Create(Unsafe.Add(ref factor3, at));
            sum30 += low * factor;
            sum31 += high * factor;
        }

        Store(ref sums, 0, sum00, sum01);
        Store(ref sums, columns, sum10, sum11);
        Store(ref sums, 2 * columns, sum20, sum21);
        Store(ref sums, 3 * columns, sum30, sum31);

        static void Store(ref float sums, int at, Vector256<float> low, Vector256<float> high)
        {
            low.StoreUnsafe(ref sums, (nuint)at);
            high.StoreUnsafe(ref sums, (nuint)(at + 8));
        }
    }

    /// <inheritdoc cref="MultiplyBlock256"/>
    internal static void MultiplyBlock512(
        ref float factors, int leftRow, int leftTerm, ref float values, int columns, ref float sums)
    {
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (var term = 0; term < Terms; term++)
        {
            var value = Vector512.LoadUnsafe(ref values, (nuint)(term * columns));
            ref var factor = ref Unsafe.Add(ref factors, term * leftTerm);
            sum0 += value * Vector512.Create(factor);
            sum1 += value * Vector512.Create(Unsafe.Add(ref factor, leftRow));
            sum2 += value * Vector512.Create(Unsafe.Add(ref factor, 2 * leftRow));
            sum3 += value * Vector512.Create(Unsafe.Add(ref factor, 3 * leftRow));
        }

        sum0.StoreUnsafe(ref sums);
        sum1.StoreUnsafe(ref sums, (nuint)columns);
        sum2.StoreUnsafe(ref sums, (nuint)(2 * columns));
        sum3.StoreUnsafe(ref sums, (nuint)(3 * columns));
    }
}
