using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>Benign pictures of our own: overlapping waves of colour, another for each seed.</summary>
internal static class Drawing
{
    public static byte[] Rgb(int seed, int width, int height)
    {
        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var u = (double)x / width;
                var v = (double)y / height;
                for (var band = 0; band < 3; band++)
                {
                    var wave = Math.Sin((u * (5 + (seed * 3 % 11))) + (band * 0.2) + seed) *
                        Math.Cos((v * (4 + (seed * 7 % 13))) + (u * seed));
                    rgb[(((y * width) + x) * 3) + band] = (byte)(128 + (127 * wave));
                }
            }
        }

        return rgb;
    }

    /// <summary>Blocks of many colours, which leave no coefficient of the transform near zero.</summary>
    public static byte[] Blocks(int seed, int width, int height)
    {
        const int columns = 12, rows = 10;
        var rgb = new byte[width * height * 3];
        for (var i = 0; i < rgb.Length; i++)
        {
            var pixel = i / 3;
            var cell = (uint)((pixel / width * rows / height * columns) + (pixel % width * columns / width));
            rgb[i] = (byte)(unchecked(((cell + (uint)seed) * 2_654_435_761u) ^ ((uint)(i % 3) << 28)) >> 24);
        }

        return rgb;
    }

    public static Task<byte[]> EncodeAsync(
        DecoderPool pool, string format, int seed = 1, int width = 160, int height = 120, int quality = 85) =>
        pool.EncodeAsync(
            Rgb(seed, width, height), width, height, format, quality, TestContext.Current.CancellationToken);
}
