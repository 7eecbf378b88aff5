using System.Security.Cryptography;

namespace Palisade.Keys;

/// <summary>
/// Splits a secret so that any k of n shares give it back and fewer tell nothing (Shamir 1979), byte by byte over
/// GF(2^8) with the polynomial of AES, 0x11b.
/// </summary>
/// <remarks>The arithmetic has no tables and no branches on secrets, so its time tells nothing about them.</remarks>
internal static class Shares
{
    public const int Most = 32;

    /// <returns>The shares for x = 1 to count, each as long as the secret.</returns>
    public static byte[][] Split(ReadOnlySpan<byte> secret, int threshold, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Most);

        // Row d holds the coefficient of x^d for every byte; row 0 is the secret.
        var coefficients = new byte[threshold][];
        coefficients[0] = secret.ToArray();
        for (var degree = 1; degree < threshold; degree++)
        {
            coefficients[degree] = RandomNumberGenerator.GetBytes(secret.Length);
        }

        var shares = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            shares[i] = Evaluate(coefficients, (byte)(i + 1));
        }

        foreach (var row in coefficients)
        {
            CryptographicOperations.ZeroMemory(row);
        }

        return shares;
    }

    /// <param name="shares">Exactly as many as the threshold, with different x.</param>
    /// <param name="secret">Gets the value at x = 0; what it is when a share is wrong says nothing about the secret.</param>
    public static void Combine(IReadOnlyList<(byte X, byte[] Y)> shares, Span<byte> secret)
    {
        secret.Clear();
        for (var i = 0; i < shares.Count; i++)
        {
            // Lagrange at 0: the product of x_j / (x_j - x_i), and minus is plus in this field.
            byte weight = 1;
            for (var j = 0; j < shares.Count; j++)
            {
                if (j != i)
                {
                    weight = Multiply(weight, Multiply(shares[j].X, Inverse((byte)(shares[j].X ^ shares[i].X))));
                }
            }

            for (var b = 0; b < secret.Length; b++)
            {
                secret[b] ^= Multiply(weight, shares[i].Y[b]);
            }
        }
    }

    private static byte[] Evaluate(byte[][] coefficients, byte x)
    {
        var y = new byte[coefficients[0].Length];
        for (var degree = coefficients.Length - 1; degree >= 0; degree--)
        {
            for (var b = 0; b < y.Length; b++)
            {
                y[b] = (byte)(Multiply(y[b], x) ^ coefficients[degree][b]);
            }
        }

        return y;
    }

    private static byte Multiply(byte a, byte b)
    {
        int left = a, product = 0;
        for (var bit = 0; bit < 8; bit++)
        {
            product ^= left & -((b >> bit) & 1);
            left = (left << 1) ^ (0x11b & -(left >> 7));
        }

        return (byte)product;
    }

    /// <summary>a to the 254th, which is 1/a, since every element but 0 to the 255th is 1.</summary>
    private static byte Inverse(byte a)
    {
        byte power = 1;
        for (var i = 0; i < 254; i++)
        {
            power = Multiply(power, a);
        }

        return power;
    }
}
