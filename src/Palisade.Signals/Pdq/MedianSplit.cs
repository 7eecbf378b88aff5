using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Palisade.Signals.Pdq;

/// <summary>Which coefficients change their sign when a picture is turned or mirrored.</summary>
internal readonly struct SignPattern(Vector256<uint> evenRows, Vector256<uint> oddRows)
{
    private const uint Sign = 0x8000_0000;

    private static readonly Vector256<uint> EvenColumns = Vector256.Create(Sign, 0, Sign, 0, Sign, 0, Sign, 0);
    private static readonly Vector256<uint> OddColumns = Vector256.Create(0, Sign, 0, Sign, 0, Sign, 0, Sign);

    public static SignPattern None => default;

    /// <summary>Half a turn: where row and column together are odd.</summary>
    public static SignPattern HalfTurn { get; } = new(OddColumns, EvenColumns);

    public static SignPattern EvenColumnsTurn { get; } = new(EvenColumns, EvenColumns);

    public static SignPattern EvenRowsTurn { get; } = new(Vector256.Create(Sign), default);

    /// <summary>The coefficients with their signs turned; both zeros become the positive one.</summary>
    public void Apply(ReadOnlySpan<float> coefficients, Span<float> turned)
    {
        for (var at = 0; at < MedianSplit.Count; at += Vector256<float>.Count)
        {
            var signs = (at & PdqTransform.Coefficients) == 0 ? evenRows : oddRows;
            var values = Vector256.Create(coefficients[at..]).AsUInt32() ^ signs;
            (values.AsSingle() + Vector256<float>.Zero).CopyTo(turned[at..]);
        }
    }
}

/// <summary>Splits 256 coefficients at their lower median, the 128th smallest, by bisection.</summary>
/// <remarks>
/// Numbers of single precision order as their bits do, once those of negative ones are turned over; so the bisection
/// runs over whole numbers, and ends as soon as 128 are on either side.
/// </remarks>
internal static class MedianSplit
{
    public const int Count = PdqTransform.Coefficients * PdqTransform.Coefficients;

    private const int Half = Count / 2;
    private const int Lanes = 8;

    /// <summary>A number such that a coefficient's key is greater exactly if the coefficient exceeds the median.</summary>
    /// <param name="coefficients">256 numbers without negative zeros.</param>
    /// <param name="keys">Where their keys go.</param>
    public static int Find(ReadOnlySpan<float> coefficients, Span<int> keys)
    {
        _ = keys[Count - 1];
        var (least, most) = (Vector256.Create(int.MaxValue), Vector256.Create(int.MinValue));
        for (var at = 0; at < Count; at += Lanes)
        {
            var bits = Vector256.Create(coefficients[at..]).AsInt32();
            var key = bits ^ ((bits >> 31) & Vector256.Create(int.MaxValue));
            key.CopyTo(keys[at..]);
            least = Vector256.Min(least, key);
            most = Vector256.Max(most, key);
        }

        // Fewer than half are at or under low; at least half are at or under high.
        var (low, high) = (least[0], most[0]);
        for (var lane = 1; lane < Lanes; lane++)
        {
            (low, high) = (Math.Min(low, least[lane]), Math.Max(high, most[lane]));
        }

        low--;
        while ((uint)high - (uint)low > 1)
        {
            var middle = (int)((uint)low + (((uint)high - (uint)low) / 2));
            var above = CountAbove(ref keys[0], middle);
            if (above == Half)
            {
                return middle;
            }

            (low, high) = above > Half ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>The bits of those above the split: row r, column c is bit c of word r.</summary>
    public static Vector256<ushort> BitsAbove(ReadOnlySpan<int> keys, int split)
    {
        var splits = Vector256.Create(split);
        Span<ushort> rows = stackalloc ushort[PdqTransform.Coefficients];
        for (var row = 0; row < PdqTransform.Coefficients; row++)
        {
            var first = Vector256.GreaterThan(Vector256.Create(keys[(row * 16)..]), splits).ExtractMostSignificantBits();
            var second =
                Vector256.GreaterThan(Vector256.Create(keys[((row * 16) + 8)..]), splits).ExtractMostSignificantBits();
            rows[row] = (ushort)(first | (second << 8));
        }

        return Vector256.Create<ushort>(rows);
    }

    /// <summary>Row r, column c becomes row c, column r.</summary>
    public static Vector256<ushort> Transpose(Vector256<ushort> rows)
    {
        Span<ushort> columns = stackalloc ushort[PdqTransform.Coefficients];
        for (var column = PdqTransform.Coefficients - 1; column >= 0; column--)
        {
            columns[column] = (ushort)rows.ExtractMostSignificantBits();
            rows <<= 1;
        }

        return Vector256.Create<ushort>(columns);
    }

    /// <summary>The last row is most significant.</summary>
    public static PdqHash ToHash(Vector256<ushort> rows)
    {
        var words = rows.AsUInt64();
        return new PdqHash(words[3], words[2], words[1], words[0]);
    }

    private static int CountAbove(ref int keys, int middle)
    {
        var middles = Vector256.Create(middle);
        Vector256<int> count0 = default, count1 = default;
        for (nuint at = 0; at < Count; at += 2 * Lanes)
        {
            count0 -= Vector256.GreaterThan(Vector256.LoadUnsafe(ref keys, at), middles);
            count1 -= Vector256.GreaterThan(Vector256.LoadUnsafe(ref keys, at + Lanes), middles);
        }

        return Vector256.Sum(count0 + count1);
    }
}
