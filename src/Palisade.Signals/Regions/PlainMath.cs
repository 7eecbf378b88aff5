namespace Palisade.Signals.Regions;

/// <summary>
/// Elementary functions made of the four operations alone, which IEEE 754 fixes to the last bit, so that a picture's
/// codes are the same on every machine. A system's own functions differ in the last bit from one to the next.
/// </summary>
internal static class PlainMath
{
    private const double LogOf2 = 0.6931471805599453;

    /// <summary>e to the power of x, to about 1 part in 10^14, for x from -700 to 700.</summary>
    public static double Exp(double x)
    {
        var whole = Math.Floor((x / LogOf2) + 0.5);
        var rest = x - (whole * LogOf2);
        var (term, sum) = (1.0, 1.0);
        for (var at = 1; at <= 14; at++)
        {
            term *= rest / at;
            sum += term;
        }

        return sum * PowerOf2((int)whole);
    }

    public static double Exp2(double x) => Exp(x * LogOf2);

    /// <summary>The logarithm of a positive number to base 2, to about 1 part in 10^14.</summary>
    public static double Log2(double x)
    {
        var exponent = 0;
        for (; x >= 1.5; x /= 2)
        {
            exponent++;
        }

        for (; x < 0.75; x *= 2)
        {
            exponent--;
        }

        // ln x = 2 (z + z^3 / 3 + z^5 / 5 + ...), z = (x - 1) / (x + 1), here within 0.2.
        var z = (x - 1) / (x + 1);
        var (power, sum) = (z, z);
        for (var at = 3; at <= 23; at += 2)
        {
            power *= z * z;
            sum += power / at;
        }

        return exponent + (2 * sum / LogOf2);
    }

    /// <summary>Sine and cosine of an angle within about +-10 radians, to about 1 part in 10^14.</summary>
    public static (double Sin, double Cos) SinCos(double angle)
    {
        const double quarter = Math.PI / 2;
        var turns = Math.Floor((angle / quarter) + 0.5);
        var rest = angle - (turns * quarter);
        var square = rest * rest;
        var (sinTerm, cosTerm) = (rest, 1.0);
        var (sin, cos) = (rest, 1.0);
        for (var at = 2; at <= 16; at += 2)
        {
            cosTerm *= -square / ((at - 1) * at);
            cos += cosTerm;
            sinTerm *= -square / (at * (at + 1));
            sin += sinTerm;
        }

        return ((int)turns & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>The angle of a vector in radians, -pi to pi, to about 1 part in 10^14; 0 for none.</summary>
    public static double Atan2(double y, double x)
    {
        var (absX, absY) = (Math.Abs(x), Math.Abs(y));
        var larger = Math.Max(absX, absY);
        if (larger == 0)
        {
            return 0;
        }

        // Halving the angle twice brings the tangent below 0.2; then x - x^3 / 3 + x^5 / 5 - ...
        var tangent = Math.Min(absX, absY) / larger;
        tangent /= 1 + Math.Sqrt(1 + (tangent * tangent));
        tangent /= 1 + Math.Sqrt(1 + (tangent * tangent));
        var (power, sum) = (tangent, tangent);
        for (var at = 3; at <= 23; at += 2)
        {
            power *= -(tangent * tangent);
            sum += power / at;
        }

        var angle = 4 * sum;
        angle = absY > absX ? (Math.PI / 2) - angle : angle;
        angle = x < 0 ? Math.PI - angle : angle;
        return y < 0 ? -angle : angle;
    }

    private static double PowerOf2(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
