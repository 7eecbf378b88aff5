using NetVips;
using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Pictures;

/// <summary>Sets libvips up for one untrusted picture at a time.</summary>
internal static class VipsLibrary
{
    /// <summary>Every operation of libvips that may run: six loaders, six savers, and what they are made of.</summary>
    private static readonly string[] AllowedOperations =
    [
        "VipsForeignLoadJpegBuffer",
        "VipsForeignLoadPngBuffer",
        "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadNsgifBuffer",
        "VipsForeignLoadTiffBuffer",
        "VipsForeignLoadHeifBuffer",

        "VipsForeignSaveJpegBuffer",
        "VipsForeignSavePngBuffer",
        "VipsForeignSaveWebpBuffer",
        "VipsForeignSaveCgifBuffer",
        "VipsForeignSaveTiffBuffer",
        "VipsForeignSaveHeifBuffer",

        // Inside loaders: lines in order, and tiles turned into lines.
        "VipsSequential", "VipsLineCache", "VipsTileCache", "VipsCopy", "VipsExtractArea",

        // Rare TIFF samples and colour spaces, and what savers ask for.
        "VipsCast", "VipsColourspace", "VipsColour", "VipsBandjoin", "VipsBandjoinConst", "VipsAddAlpha",
        "VipsExtractBand", "VipsBlack", "VipsLinear",
    ];

    /// <summary>
    /// A bit for every form that is decoded here. This build of libvips has no HEVC decoder; HEIC is the system's.
    /// </summary>
    public static int Forms => PictureForms.All
        .Where(form => form != PictureForm.Heic || SystemHeif.IsPresent).Sum(form => 1 << (int)form);

    public static void Start()
    {
        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsOperation", true);
        foreach (var operation in AllowedOperations)
        {
            Operation.Block(operation, false);
        }

        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Cache.MaxMem = 0;
        Cache.MaxFiles = 0;
    }
}
