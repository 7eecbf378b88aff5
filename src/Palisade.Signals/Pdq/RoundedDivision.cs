using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>Divides by a small whole number, rounded as a division rounds, without the slow instruction.</summary>
/// <remarks>
/// A first quotient from the rounded reciprocal, its remainder without rounding by a fused multiply-add, and one
/// correction (Markstein, "Computation of elementary functions on the IBM RISC System/6000 processor", 1990). That
/// this gives the rounded quotient is tried for each divisor up to <see cref="Largest"/> and every significand by
/// RoundedDivisionTests; exponents only scale it, far from underflow as sums of luma are.
/// </remarks>
internal readonly struct RoundedDivision
{
    /// <summary>Divisors beyond this divide plainly.</summary>
    public const int Largest = 512;

    private readonly Vector256<float> _divisor;
    private readonly Vector256<float> _reciprocal;
    private readonly bool _isPlain;

    public RoundedDivision(int divisor)
    {
        _divisor = Vector256.Create((float)divisor);
        _reciprocal = Vector256.Create(1f / divisor);
        _isPlain = !Fma.IsSupported || divisor > Largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Divide(Vector256<float> dividend)
    {
        if (_isPlain)
        {
            return dividend / _divisor;
        }

        var quotient = dividend * _reciprocal;
        var remainder = Fma.MultiplyAddNegated(_divisor, quotient, dividend);
        return Fma.MultiplyAdd(remainder, _reciprocal, quotient);
    }
}
