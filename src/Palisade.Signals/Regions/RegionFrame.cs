using System.Buffers.Binary;

namespace Palisade.Signals.Regions;

/// <summary>Where the picture that positions refer to lies in the whole one.</summary>
/// <param name="Width">Of the trimmed and reduced picture, in which points have their positions.</param>
/// <param name="Box">The trimmed part of the whole picture.</param>
/// <param name="WholeWidth">Of the upright picture as it was trimmed: reduced to 1,024 pixels where it was larger.</param>
public readonly record struct RegionFrame(int Width, int Height, TrimBox Box, int WholeWidth, int WholeHeight)
{
    /// <summary>Of a whole picture, in pixels.</summary>
    internal const int LongestSide = 1024;

    internal const int ByteCount = 8 * sizeof(int);

    public double Diagonal => Math.Sqrt(((double)Width * Width) + ((double)Height * Height));

    /// <summary>
    /// Eight numbers of 4 bytes, little-endian: width, height, the box's left, top, right and bottom, the whole's width and
    /// height.
    /// </summary>
    internal void WriteTo(Span<byte> bytes)
    {
        ReadOnlySpan<int> numbers = [Width, Height, Box.Left, Box.Top, Box.Right, Box.Bottom, WholeWidth, WholeHeight];
        for (var at = 0; at < numbers.Length; at++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(at * sizeof(int))..], numbers[at]);
        }
    }

    /// <summary>Reads a frame that a picture can have, or null.</summary>
    internal static RegionFrame? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ByteCount)
        {
            return null;
        }

        Span<int> numbers = stackalloc int[ByteCount / sizeof(int)];
        for (var at = 0; at < numbers.Length; at++)
        {
            numbers[at] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(at * sizeof(int))..]);
        }

        var box = new TrimBox(numbers[2], numbers[3], numbers[4], numbers[5]);
        var frame = new RegionFrame(numbers[0], numbers[1], box, numbers[6], numbers[7]);
        var isWhole = frame.WholeWidth is >= 1 and <= LongestSide && frame.WholeHeight is >= 1 and <= LongestSide;
        var isWithin = box.Left >= 0 && box.Top >= 0 && box.Right > box.Left && box.Bottom > box.Top &&
            box.Right <= frame.WholeWidth && box.Bottom <= frame.WholeHeight;
        var isReduced = frame.Width >= 1 && frame.Height >= 1 && frame.Width <= box.Width && frame.Height <= box.Height;
        return isWhole && isWithin && isReduced ? frame : null;
    }

    /// <summary>From shares of the whole picture, 0 to 1, to pixels of the trimmed and reduced one, centres at integers.</summary>
    public (double X, double Y) FromWhole(double x, double y) =>
        ((((x * WholeWidth) - Box.Left) * Width / Box.Width) - 0.5,
            (((y * WholeHeight) - Box.Top) * Height / Box.Height) - 0.5);
}
