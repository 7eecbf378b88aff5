namespace Palisade.Decoder.Contract;

/// <summary>
/// A request to fingerprint an upload: one byte, 1 where the profile nn512 is wanted beside full and else 0; then the upload,
/// byte for byte.
/// </summary>
public static class DecodeRequest
{
    /// <summary>Bytes before the upload.</summary>
    public const int HeaderBytes = 1;

    private static readonly byte[] FullAlone = [0];
    private static readonly byte[] Both = [1];

    public static byte[] Header(bool wantsNn512) => wantsNn512 ? Both : FullAlone;

    public static bool WantsNn512(byte header) => header != 0;
}
