using System.Runtime.InteropServices;
using NetVips;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>
/// Reads a picture strip by strip from top to bottom and hands its rows on as 8-bit RGB or grey.
/// </summary>
/// <remarks>
/// The conventions are those of the field's reference (python-threatexchange over Pillow), except that CMYK is
/// converted: alpha is dropped, not blended; 16-bit grey saturates at 255; 16-bit colour keeps its high byte.
/// </remarks>
internal sealed unsafe partial class PixelRows
{
    /// <summary>A strip is a few rows and at most about this many bytes, so that it stays in the processor's cache.</summary>
    private const int StripBytes = 256 << 10;

    private readonly int _bands;
    private readonly bool _isWide;
    private readonly bool _isCmyk;
    private readonly Image _image;
    private readonly Region _region;
    private byte[] _converted = [];

    /// <param name="image">Unsigned 8-bit or 16-bit samples.</param>
    public PixelRows(Image image, Region region)
    {
        _image = image;
        _region = region;
        _bands = image.Bands;
        _isWide = image.Format == Enums.BandFormat.Ushort;
        _isCmyk = image.Interpretation == Enums.Interpretation.Cmyk && _bands >= 4;
    }

    /// <summary>Takes whole rows: packed RGB, or luma.</summary>
    public delegate void Taker(ReadOnlySpan<byte> rows);

    public void Read(int top, int height, PdqPairHasher hasher) => Read(top, height, hasher.AddRgbRows, hasher.AddLumaRows);

    public void Read(int top, int height, Taker rgb, Taker luma)
    {
        var width = _image.Width;
        var rowBytes = (long)width * _bands * (_isWide ? 2 : 1);
        var stripRows = (int)Math.Clamp(StripBytes / rowBytes, 1, 256);
        for (var y = 0; y < height; y += stripRows)
        {
            var rows = Math.Min(stripRows, height - y);
            var pixels = FetchRegion(_region.DangerousGetHandle(), 0, top + y, width, rows, out var length);
            if (pixels == 0)
            {
                throw new VipsException("The picture ends early.");
            }

            try
            {
                Add(new ReadOnlySpan<byte>((void*)pixels, checked((int)length)), width * rows, rgb, luma);
            }
            finally
            {
                Free(pixels);
            }
        }
    }

    private void Add(ReadOnlySpan<byte> samples, int pixels, Taker rgb, Taker luma)
    {
        if (_bands == 3 && !_isWide)
        {
            rgb(samples);
            return;
        }

        if (_bands == 1 && !_isWide)
        {
            luma(samples);
            return;
        }

        var isGrey = _bands <= 2;
        var size = pixels * (isGrey ? 1 : 3);
        if (_converted.Length < size)
        {
            _converted = GC.AllocateUninitializedArray<byte>(size);
        }

        var converted = _converted.AsSpan(0, size);
        if (_isWide)
        {
            ConvertWide(MemoryMarshal.Cast<byte, ushort>(samples), converted);
        }
        else if (isGrey)
        {
            for (var i = 0; i < converted.Length; i++)
            {
                converted[i] = samples[i * _bands];
            }
        }
        else
        {
            ConvertColour(samples, converted);
        }

        if (isGrey)
        {
            luma(converted);
        }
        else
        {
            rgb(converted);
        }
    }

    private void ConvertWide(ReadOnlySpan<ushort> samples, Span<byte> converted)
    {
        if (_bands == 1)
        {
            for (var i = 0; i < converted.Length; i++)
            {
                converted[i] = (byte)Math.Min(samples[i], (ushort)255);
            }

            return;
        }

        var narrow = GC.AllocateUninitializedArray<byte>(samples.Length);
        for (var i = 0; i < narrow.Length; i++)
        {
            narrow[i] = (byte)(samples[i] >> 8);
        }

        if (_bands == 2)
        {
            for (var i = 0; i < converted.Length; i++)
            {
                converted[i] = narrow[2 * i];
            }
        }
        else
        {
            ConvertColour(narrow, converted);
        }
    }

    private void ConvertColour(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += _bands, to += 3)
        {
            if (_isCmyk)
            {
                // Ink on ink, without a colour profile: 0 is no ink, 255 is full ink.
                var light = 255 - samples[from + 3];
                rgb[to] = (byte)((((255 - samples[from]) * light) + 127) / 255);
                rgb[to + 1] = (byte)((((255 - samples[from + 1]) * light) + 127) / 255);
                rgb[to + 2] = (byte)((((255 - samples[from + 2]) * light) + 127) / 255);
            }
            else
            {
                rgb[to] = samples[from];
                rgb[to + 1] = samples[from + 1];
                rgb[to + 2] = samples[from + 2];
            }
        }
    }

    [LibraryImport("libvips.so.42", EntryPoint = "vips_region_fetch")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint FetchRegion(nint region, int left, int top, int width, int height, out nuint length);

    [LibraryImport("libvips.so.42", EntryPoint = "g_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Free(nint memory);
}
