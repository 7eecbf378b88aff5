using System.Buffers.Binary;
using System.Text;
using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>Puts still WebP pictures into one animation (RFC 9649, 2.7.1).</summary>
internal static class AnimatedWebp
{
    private const int Width = 96;
    private const int Height = 64;

    public static Task<byte[]> DrawFrameAsync(DecoderPool pool, int frame) =>
        Drawing.EncodeAsync(pool, "webp", seed: frame + 1, Width, Height);

    public static async Task<byte[]> DrawAsync(DecoderPool pool, int frames)
    {
        var body = new List<byte>();
        byte[] animationFlag = [2, 0, 0, 0];
        body.AddRange(Chunk("VP8X", [.. animationFlag, .. ThreeBytes(Width - 1), .. ThreeBytes(Height - 1)]));
        body.AddRange(Chunk("ANIM", new byte[6]));
        for (var frame = 0; frame < frames; frame++)
        {
            // Behind RIFF, length and WEBP, a still of ours is one chunk of pixels.
            var still = (await DrawFrameAsync(pool, frame))[12..];
            byte[] position = [.. ThreeBytes(0), .. ThreeBytes(0), .. ThreeBytes(Width - 1), .. ThreeBytes(Height - 1), .. ThreeBytes(40), 2];
            body.AddRange(Chunk("ANMF", [.. position, .. still]));
        }

        return Chunk("RIFF", [.. "WEBP"u8, .. body]);
    }

    private static byte[] ThreeBytes(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    private static byte[] Chunk(string name, byte[] data)
    {
        var head = new byte[8];
        Encoding.ASCII.GetBytes(name, head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), data.Length);
        return data.Length % 2 == 0 ? [.. head, .. data] : [.. head, .. data, 0];
    }
}
