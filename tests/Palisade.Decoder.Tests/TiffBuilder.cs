using System.Buffers.Binary;

namespace Palisade.Decoder.Tests;

/// <summary>Writes TIFF 6.0: little-endian, one uncompressed strip.</summary>
internal static class TiffBuilder
{
    public const int BlackIsZero = 1;
    public const int Colours = 2;
    public const int Inks = 5;
    public const int Lab = 8;
    public const int FloatingPoint = 3;
    public const int WholeNumber = 1;

    public static byte[] Write(
        int width, int height, int photometric, int bands, int bits, byte[] samples, int sampleFormat = WholeNumber)
    {
        const int header = 8;
        (int Tag, int Value)[] numbers =
        [
            (256, width), (257, height), (258, bits), (259, 1), (262, photometric), (273, header + (2 * bands)),
            (277, bands), (278, height), (279, samples.Length), (339, sampleFormat),
        ];
        var file = new List<byte>([.. "II*\0"u8, .. Int(header + (2 * bands) + samples.Length)]);
        file.AddRange(Enumerable.Repeat(Short(bits), bands).SelectMany(value => value));
        file.AddRange(samples);
        file.AddRange(Short(numbers.Length));
        foreach (var (tag, value) in numbers)
        {
            // One number for each band lies outside the entry when two shorts do not fit into it.
            file.AddRange([.. Short(tag), .. Short(tag == 258 ? 3 : 4), .. Int(tag == 258 ? bands : 1)]);
            file.AddRange(Int(tag == 258 && bands > 2 ? header : value));
        }

        file.AddRange(new byte[4]);
        return [.. file];
    }

    private static byte[] Short(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] Int(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
