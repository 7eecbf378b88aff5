using System.Text;
using Palisade.Decoder.Provenance.Containers;

namespace Palisade.Decoder.Provenance.Pixels;

/// <summary>
/// Text in the lowest bits of alpha or of red, green and blue, column by column, most significant bit first: 15 bytes of
/// magic, the payload's length in bits (32, big-endian), the payload, plain or gzip.
/// </summary>
internal static class StealthText
{
    private const int MagicBytes = 15;
    private const int MaxPayloadBytes = 1 << 20;
    private const int MaxInflatedBytes = 4 << 20;

    public static (string Magic, string Text)? Read(ReadOnlySpan<byte> pixels, int width, int height, int bands)
    {
        if (bands == 4 && Read(new Bits(pixels, width, height, bands, alpha: true), "alpha", "pnginfo", "pngcomp") is { } alpha)
        {
            return alpha;
        }

        return Read(new Bits(pixels, width, height, bands, alpha: false), "rgb", "rgbinfo", "rgbcomp");
    }

    private static (string Magic, string Text)? Read(Bits bits, string _, string plain, string compressed)
    {
        var magic = Encoding.Latin1.GetString(bits.Take(MagicBytes));
        if (magic != "stealth_" + plain && magic != "stealth_" + compressed)
        {
            return null;
        }

        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bits.Take(4).AsSpan()) / 8;
        if (length > MaxPayloadBytes || length > bits.BytesLeft)
        {
            return null;
        }

        var payload = bits.Take((int)length);
        var text = magic.EndsWith("comp", StringComparison.Ordinal) ? Inflation.TryGzip(payload, MaxInflatedBytes) : payload;
        return text is null ? null : (magic, Encoding.UTF8.GetString(text));
    }

    private ref struct Bits(ReadOnlySpan<byte> pixels, int width, int height, int bands, bool alpha)
    {
        private readonly ReadOnlySpan<byte> _pixels = pixels;
        private readonly int _perPixel = alpha ? 1 : 3;
        private long _position;

        public readonly long BytesLeft => (((long)width * height * _perPixel) - _position) / 8;

        public byte[] Take(int count)
        {
            if (count > BytesLeft)
            {
                return new byte[count];
            }

            var bytes = new byte[count];
            for (var i = 0; i < count * 8; i++, _position++)
            {
                var (pixel, channel) = Math.DivRem(_position, _perPixel);
                var (x, y) = Math.DivRem(pixel, height);
                var sample = _pixels[(int)((((y * width) + x) * bands) + (alpha ? 3 : channel))];
                bytes[i / 8] |= (byte)((sample & 1) << (7 - (i % 8)));
            }

            return bytes;
        }
    }
}
