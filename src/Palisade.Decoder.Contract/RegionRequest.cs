namespace Palisade.Decoder.Contract;

/// <summary>What is asked of a picture's regions; the answer holds these parts, in this order.</summary>
[Flags]
public enum RegionParts
{
    None = 0,

    /// <summary>Codes to enrol, the default number of points.</summary>
    Codes = 1,

    /// <summary>Codes to enrol, the dense number.</summary>
    DenseCodes = 2,

    /// <summary>The map by which alterations of a copy are seen.</summary>
    Map = 4,

    /// <summary>What is looked up.</summary>
    Query = 8,

    /// <summary>Luma, trimmed and at most 640 pixels long: to compare a match with a map.</summary>
    Picture = 16,

    /// <summary>Luma of the whole picture, at most 1,024 pixels long: to draw a finding on.</summary>
    Whole = 32,

    All = Codes | DenseCodes | Map | Query | Picture | Whole,
}

/// <summary>A request for a picture's regions: the parts (1 byte), then an upload, byte for byte.</summary>
public readonly record struct RegionRequest(RegionParts Parts)
{
    /// <summary>Bytes before the upload.</summary>
    public const int HeaderBytes = 1;

    public byte[] ToHeader() => [(byte)Parts];

    public static RegionRequest? TryRead(ReadOnlySpan<byte> bytes) =>
        bytes.Length < HeaderBytes || bytes[0] == 0 || (bytes[0] & ~(int)RegionParts.All) != 0
            ? null
            : new RegionRequest((RegionParts)bytes[0]);
}
