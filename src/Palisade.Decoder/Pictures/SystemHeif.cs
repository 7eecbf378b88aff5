using System.Runtime.InteropServices;
using Palisade.Decoder.Contract;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures;

/// <summary>
/// HEIC through the system's libheif and libde265, where they are. The libvips that comes with us has no HEVC decoder,
/// whose patents its makers leave to each system.
/// </summary>
/// <remarks>Pixels as they are stored: libheif's own turning and mirroring is switched off.</remarks>
internal sealed unsafe partial class SystemHeif : IDisposable
{
    private const string Library = "libheif.so.1";
    private const int Hevc = 1;
    private const int Rgb = 1;
    private const int Interleaved = 10;

    private static readonly string[] Folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib/x86_64-linux-gnu"];

    private readonly nint _context;
    private readonly nint _handle;
    private readonly GCHandle _file;

    private SystemHeif(nint context, nint handle, GCHandle file)
    {
        _context = context;
        _handle = handle;
        _file = file;
    }

    /// <summary>Looked for by name and loaded with the first HEIC, so that a worker without one stays small.</summary>
    public static bool IsPresent { get; } =
        Folders.Any(folder => File.Exists(Path.Combine(folder, Library))) &&
        Folders.Any(folder => File.Exists(Path.Combine(folder, "libde265.so.0")));

    public int Width => StoredWidth(_handle);

    public int Height => StoredHeight(_handle);

    /// <summary>Reads the boxes, no pixel.</summary>
    public static SystemHeif? TryOpen(byte[] file)
    {
        if (HasDecoder(Hevc) == 0)
        {
            return null;
        }

        var pin = GCHandle.Alloc(file, GCHandleType.Pinned);
        var context = NewContext();
        nint handle = 0;
        if (Read(context, pin.AddrOfPinnedObject(), (nuint)file.Length, 0).Code != 0 ||
            PrimaryPicture(context, out handle).Code != 0)
        {
            FreeContext(context);
            pin.Free();
            return null;
        }

        return new SystemHeif(context, handle, pin);
    }

    /// <summary>Decodes the picture into the hasher; what is larger than it claimed is not read.</summary>
    public bool TryDecode(PdqPairHasher hasher, long maxPixels) => TryDecode(hasher.Begin, hasher.AddRgbRows, maxPixels);

    public bool TryDecode(Action<int, int> begin, PixelRows.Taker rgb, long maxPixels)
    {
        var options = NewOptions();

        // struct heif_decoding_options: a version byte, then ignore_transformations.
        ((byte*)options)[1] = 1;
        var isDecoded = Decode(_handle, out var image, Rgb, Interleaved, options).Code == 0;
        FreeOptions(options);
        if (!isDecoded)
        {
            return false;
        }

        try
        {
            var width = ImageWidth(image, Interleaved);
            var height = ImageHeight(image, Interleaved);
            var rows = (byte*)Plane(image, Interleaved, out var stride);
            if (rows is null || width < 1 || height < 1 || stride < width * 3L || (long)width * height > maxPixels ||
                Math.Max(width, height) > DecodedPicture.MaxSide)
            {
                return false;
            }

            begin(width, height);
            for (var y = 0; y < height; y++)
            {
                rgb(new ReadOnlySpan<byte>(rows + ((long)y * stride), width * 3));
            }

            return true;
        }
        finally
        {
            FreeImage(image);
        }
    }

    public void Dispose()
    {
        FreeHandle(_handle);
        FreeContext(_context);
        _file.Free();
    }

    [LibraryImport(Library, EntryPoint = "heif_have_decoder_for_format")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int HasDecoder(int format);

    [LibraryImport(Library, EntryPoint = "heif_context_alloc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "heif_context_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "heif_context_read_from_memory_without_copy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial Error Read(nint context, nint bytes, nuint length, nint options);

    [LibraryImport(Library, EntryPoint = "heif_context_get_primary_image_handle")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial Error PrimaryPicture(nint context, out nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_release")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void FreeHandle(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_ispe_width")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StoredWidth(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_ispe_height")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StoredHeight(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_decoding_options_alloc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint NewOptions();

    [LibraryImport(Library, EntryPoint = "heif_decoding_options_free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void FreeOptions(nint options);

    [LibraryImport(Library, EntryPoint = "heif_decode_image")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial Error Decode(nint handle, out nint image, int colourSpace, int chroma, nint options);

    [LibraryImport(Library, EntryPoint = "heif_image_get_width")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ImageWidth(nint image, int channel);

    [LibraryImport(Library, EntryPoint = "heif_image_get_height")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ImageHeight(nint image, int channel);

    [LibraryImport(Library, EntryPoint = "heif_image_get_plane_readonly")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Plane(nint image, int channel, out int stride);

    [LibraryImport(Library, EntryPoint = "heif_image_release")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void FreeImage(nint image);

    /// <summary>struct heif_error, returned by value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Error
    {
        public int Code;
        public int Detail;
        public nint Text;
    }
}
