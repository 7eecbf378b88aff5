using NetVips;

namespace Palisade.Decoder.Pictures;

/// <summary>Sets libvips up for one untrusted picture at a time.</summary>
internal static class VipsLibrary
{
    /// <summary>Everything that may run. All other operations of libvips are blocked, loaders and savers first of all.</summary>
    private static readonly string[] AllowedOperations =
    [
        "VipsForeignLoadJpegBuffer",
        "VipsForeignLoadPngBuffer",
        "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadNsgifBuffer",
        "VipsForeignLoadTiffBuffer",
        "VipsForeignLoadHeifBuffer",

        // What the loaders are made of.
        "VipsSequential", "VipsLineCache", "VipsTileCache", "VipsCopy", "VipsCast", "VipsExtractArea",

        // Rare TIFF colour spaces.
        "VipsColourspace", "VipsColour",
    ];

    public static void Start()
    {
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
    }
}
