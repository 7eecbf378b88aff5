using System.IO.Compression;

namespace Palisade.Decoder.Provenance.Containers;

/// <summary>Inflates up to a limit.</summary>
internal static class Inflation
{
    public static byte[]? TryZlib(ReadOnlyMemory<byte> compressed, int maxBytes) =>
        Try(new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress), maxBytes);

    public static byte[]? TryGzip(ReadOnlyMemory<byte> compressed, int maxBytes) =>
        Try(new GZipStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress), maxBytes);

    private static byte[]? Try(Stream stream, int maxBytes)
    {
        using (stream)
        using (var inflated = new MemoryStream())
        {
            var buffer = new byte[16 << 10];
            try
            {
                for (int read; (read = stream.Read(buffer)) > 0;)
                {
                    inflated.Write(buffer.AsSpan(0, read));
                    if (inflated.Length > maxBytes)
                    {
                        return null;
                    }
                }
            }
            catch (InvalidDataException)
            {
                return null;
            }

            return inflated.ToArray();
        }
    }
}
