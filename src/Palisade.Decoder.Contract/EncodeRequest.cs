using System.Buffers.Binary;

namespace Palisade.Decoder.Contract;

/// <summary>
/// A request to encode pixels of our own making: form (1 byte), quality (1), width (4), height (4), then packed 8-bit RGB.
/// </summary>
public readonly record struct EncodeRequest(PictureForm Form, int Quality, int Width, int Height)
{
    /// <summary>Bytes before the pixels.</summary>
    public const int HeaderBytes = 10;

    public void WriteTo(Span<byte> destination)
    {
        destination[0] = (byte)Form;
        destination[1] = (byte)Quality;
        BinaryPrimitives.WriteInt32LittleEndian(destination[2..], Width);
        BinaryPrimitives.WriteInt32LittleEndian(destination[6..], Height);
    }

    public static EncodeRequest? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
        {
            return null;
        }

        var request = new EncodeRequest(
            (PictureForm)bytes[0],
            bytes[1],
            BinaryPrimitives.ReadInt32LittleEndian(bytes[2..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[6..]));
        var isPossible = request.Form is >= PictureForm.Jpeg and <= PictureForm.Avif &&
            request.Quality is >= 1 and <= 100 && request.Width is >= 1 and <= DecodedPicture.MaxSide &&
            request.Height is >= 1 and <= DecodedPicture.MaxSide &&
            bytes.Length - HeaderBytes == (long)request.Width * request.Height * 3;
        return isPossible ? request : null;
    }
}
