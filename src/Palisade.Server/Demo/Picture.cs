namespace Palisade.Server.Demo;

/// <summary>A picture in memory: packed 8-bit RGB, rows from the top, width x height x 3 bytes.</summary>
public sealed record Picture(int Width, int Height, ReadOnlyMemory<byte> Rgb);
