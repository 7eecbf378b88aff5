namespace Palisade.Decoder.Contract;

/// <summary>Which fingerprints are asked of an upload.</summary>
public enum DecodeWish
{
    /// <summary>The profile full, exact.</summary>
    FullAlone = 0,

    /// <summary>The profiles full and nn512, exact.</summary>
    Both = 1,

    /// <summary>An estimate of the profile full where that is cheap to have, and else the exact one.</summary>
    Prescreen = 2,
}

/// <summary>A request to fingerprint an upload: one byte, a <see cref="DecodeWish"/>; then the upload, byte for byte.</summary>
public static class DecodeRequest
{
    /// <summary>Bytes before the upload.</summary>
    public const int HeaderBytes = 1;

    private static readonly byte[][] Headers = [[0], [1], [2]];

    public static byte[] Header(DecodeWish wish) => Headers[(int)wish];

    /// <summary>Null where the byte is none of the wishes.</summary>
    public static DecodeWish? TryRead(byte header) =>
        header <= (byte)DecodeWish.Prescreen ? (DecodeWish)header : null;
}
