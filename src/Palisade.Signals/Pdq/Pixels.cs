using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Palisade.Signals.Pdq;

/// <summary>How pixels lie in a row, and how eight of them become luma.</summary>
internal interface IPixels
{
    /// <summary>Bytes of a pixel.</summary>
    public static abstract int Bytes { get; }

    /// <summary>Bytes that <see cref="Eight"/> reads, which may be more than those of eight pixels.</summary>
    public static abstract int Reach { get; }

    public static abstract Vector256<float> Eight(ref byte pixels);

    public static abstract float One(ref byte pixel);
}

/// <summary>Packed 8-bit RGB.</summary>
internal readonly struct RgbPixels : IPixels
{
    // Rec. 601 luma, as the reference weighs it.
    private const float RedWeight = 0.299f;
    private const float GreenWeight = 0.587f;
    private const float BlueWeight = 0.114f;

    public static int Bytes => 3;

    /// <summary>The load of the second four reaches four bytes beyond its pixels.</summary>
    public static int Reach => 28;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Eight(ref byte pixels)
    {
        // Four pixels in each half: one colour's four bytes are spread out to four whole numbers.
        var reds = Vector256.Create(Vector128.Create(0xFFFFFF00u, 0xFFFFFF03u, 0xFFFFFF06u, 0xFFFFFF09u));
        var greens = Vector256.Create(Vector128.Create(0xFFFFFF01u, 0xFFFFFF04u, 0xFFFFFF07u, 0xFFFFFF0Au));
        var blues = Vector256.Create(Vector128.Create(0xFFFFFF02u, 0xFFFFFF05u, 0xFFFFFF08u, 0xFFFFFF0Bu));
        var both = Vector256.Create(Vector128.LoadUnsafe(ref pixels), Vector128.LoadUnsafe(ref pixels, 12));
        var sum = (Spread(both, reds) * RedWeight) + (Spread(both, greens) * GreenWeight);
        return sum + (Spread(both, blues) * BlueWeight);
    }

    public static float One(ref byte pixel) =>
        (RedWeight * pixel) + (GreenWeight * Unsafe.Add(ref pixel, 1)) + (BlueWeight * Unsafe.Add(ref pixel, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Spread(Vector256<byte> pixels, Vector256<uint> places) =>
        Avx.ConvertToVector256Single(Avx2.Shuffle(pixels, places.AsByte()).AsInt32());
}

/// <summary>A grey picture's bytes, which are its luma.</summary>
internal readonly struct GreyPixels : IPixels
{
    public static int Bytes => 1;

    public static int Reach => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Eight(ref byte pixels) => Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref pixels)).AsByte()));

    public static float One(ref byte pixel) => pixel;
}

/// <summary>Luma in single precision.</summary>
internal readonly struct LumaPixels : IPixels
{
    public static int Bytes => sizeof(float);

    public static int Reach => 8 * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Eight(ref byte pixels) => Unsafe.ReadUnaligned<Vector256<float>>(ref pixels);

    public static float One(ref byte pixel) => Unsafe.ReadUnaligned<float>(ref pixel);
}
