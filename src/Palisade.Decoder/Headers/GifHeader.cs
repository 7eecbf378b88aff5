using System.Buffers.Binary;

namespace Palisade.Decoder.Headers;

/// <summary>
/// The size of a GIF's canvas (GIF89a, 18: logical screen descriptor), read by our own code: libvips takes a very
/// large canvas for a mistake and the first frame's size for the picture's.
/// </summary>
internal readonly record struct GifHeader(int Width, int Height)
{
    public static GifHeader? TryRead(ReadOnlySpan<byte> file) => file.Length < 10
        ? null
        : new GifHeader(
            BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));
}
