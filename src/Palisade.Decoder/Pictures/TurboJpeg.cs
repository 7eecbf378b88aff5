using System.Runtime.InteropServices;
using Palisade.Decoder.Headers;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>
/// JPEG through the system's libjpeg-turbo, where it is: the same pixels as libvips gives, without its pipeline.
/// </summary>
/// <remarks>
/// Exact settings (slow integer transform, smooth upsampling), as libvips has them. Only a picture that decodes without
/// a single warning is taken; with anything else libvips decides, so that a damaged file fares the same on every system.
/// </remarks>
internal sealed unsafe partial class TurboJpeg
{
    /// <summary>This interface gives the whole picture at once: 3 bytes for each of these pixels, 48 MB.</summary>
    public const int MaxPixels = 16_000_000;

    /// <summary>
    /// A picture is not shrunk below this many pixels a side. With 512, where each box averages just four rows, estimates were
    /// up to 18 bits off, with 600 up to 16 (docs/reference/prescreen.md).
    /// </summary>
    private const int LeastEstimateSide = 1_000;

    /// <summary>What is smaller costs little to decode exactly.</summary>
    private const int LeastSide = 512;

    private const string Library = "libturbojpeg.so.0";

    // turbojpeg.h: TJFLAG_ACCURATEDCT, TJFLAG_STOPONWARNING, TJFLAG_LIMITSCANS; TJPF_RGB, TJPF_GRAY; TJCS_YCbCr, TJCS_GRAY,
    // TJCS_CMYK.
    private const int Flags = 4096 | 8192 | 32768;
    private const int Rgb = 0;
    private const int Grey = 6;
    private const int Yuv = 1;
    private const int GreyColours = 2;
    private const int FirstInkColours = 3;

    private nint _decompressor;
    private byte* _pixels;
    private int _pixelBytes;

    private TurboJpeg(nint decompressor) => _decompressor = decompressor;

    /// <summary>Null where the system has no such library.</summary>
    public static TurboJpeg? TryCreate() =>
        NativeLibrary.TryLoad(Library, typeof(TurboJpeg).Assembly, DllImportSearchPath.SafeDirectories, out var library) &&
        NativeLibrary.TryGetExport(library, "tjDecompressHeader3", out _) && Start() is not 0 and var decompressor
            ? new TurboJpeg(decompressor)
            : null;

    /// <summary>Decodes the picture into the hasher, or leaves the hasher alone and returns false.</summary>
    public bool TryDecode(ReadOnlySpan<byte> file, in JpegHeader header, PdqPairHasher hasher)
    {
        if (!header.IsHuffmanCoded || (long)header.Width * header.Height > MaxPixels)
        {
            return false;
        }

        fixed (byte* bytes = file)
        {
            // The library's own opinion of the size must be ours: the pixels are laid out by it.
            var size = new CULong((uint)file.Length);
            if (!TryReadHeader(bytes, size, out var width, out var height, out var colours) ||
                width != header.Width || height != header.Height || colours >= FirstInkColours)
            {
                return false;
            }

            var isGrey = colours == GreyColours;
            var length = width * height * (isGrey ? 1 : 3);
            var form = isGrey ? Grey : Rgb;
            MakeRoomFor(length);
            if (Decompress(_decompressor, bytes, size, _pixels, width, pitch: 0, height, form, Flags) != 0)
            {
                return false;
            }

            hasher.Begin(width, height);
            var rows = new ReadOnlySpan<byte>(_pixels, length);
            if (isGrey)
            {
                hasher.AddLumaRows(rows);
            }
            else
            {
                hasher.AddRgbRows(rows);
            }

            return true;
        }
    }

    /// <summary>
    /// Decodes the brightness alone, at the smallest of whole, 1/2, 1/4 and 1/8 size whose sides have 1,000 pixels, or leaves
    /// the hasher alone and returns false: for a picture with a side under 512, not plain baseline, or not without a warning.
    /// </summary>
    /// <remarks>What it gives is near to the exact fingerprint (docs/reference/prescreen.md), not equal to it.</remarks>
    public bool TryEstimate(ReadOnlySpan<byte> file, in JpegHeader header, PdqPairHasher hasher)
    {
        var scale = 8;
        while (scale > 1 && Scaled(Math.Min(header.Width, header.Height), scale) < LeastEstimateSide)
        {
            scale /= 2;
        }

        var (width, height) = (Scaled(header.Width, scale), Scaled(header.Height, scale));
        if (!header.IsHuffmanCoded || header.IsBuffered || (long)width * height > MaxPixels ||
            Math.Min(width, height) < LeastSide)
        {
            return false;
        }

        fixed (byte* bytes = file)
        {
            var size = new CULong((uint)file.Length);
            if (!TryReadHeader(bytes, size, out var wholeWidth, out var wholeHeight, out var colours) ||
                wholeWidth != header.Width || wholeHeight != header.Height || colours is not (Yuv or GreyColours))
            {
                return false;
            }

            MakeRoomFor(width * height);
            if (Decompress(_decompressor, bytes, size, _pixels, width, pitch: 0, height, Grey, Flags) != 0)
            {
                return false;
            }

            hasher.Begin(width, height);
            hasher.AddLumaRows(new ReadOnlySpan<byte>(_pixels, width * height));
            return true;
        }
    }

    /// <summary>Gives the pixels' memory back, before a picture that needs it elsewhere.</summary>
    public void GiveMemoryBack()
    {
        NativeMemory.Free(_pixels);
        _pixels = null;
        _pixelBytes = 0;
    }

    /// <summary>As the library rounds it (TJSCALED).</summary>
    private static int Scaled(int side, int scale) => (side + scale - 1) / scale;

    /// <remarks>
    /// Each file begins anew: a decompressor keeps the tables of the file before, which one without tables would be read with,
    /// and after a header that it cannot read it reads no other any more.
    /// </remarks>
    private bool TryReadHeader(byte* bytes, CULong size, out int width, out int height, out int colours)
    {
        _ = End(_decompressor);
        _decompressor = Start();
        return ReadHeader(_decompressor, bytes, size, out width, out height, out _, out colours) == 0;
    }

    private void MakeRoomFor(int size)
    {
        if (size > _pixelBytes)
        {
            GiveMemoryBack();
            _pixels = (byte*)NativeMemory.Alloc((nuint)size);
            _pixelBytes = size;
        }
    }

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Start();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int End(nint decompressor);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ReadHeader(
        nint decompressor, byte* file, CULong size, out int width, out int height, out int subsampling, out int colours);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Decompress(
        nint decompressor, byte* file, CULong size, byte* pixels, int width, int pitch, int height, int form, int flags);
}
