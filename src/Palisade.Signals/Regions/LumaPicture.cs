namespace Palisade.Signals.Regions;

/// <summary>A picture of 8-bit luma whose memory is kept from one picture to the next.</summary>
internal sealed class LumaPicture
{
    private byte[] _pixels = [];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Row by row, without gaps.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Width * Height);

    public void Resize(int width, int height)
    {
        (Width, Height) = (width, height);
        if (_pixels.Length < width * height)
        {
            _pixels = new byte[width * height];
        }
    }

    public Span<byte> Row(int y) => _pixels.AsSpan(y * Width, Width);

    /// <summary>
    /// Turns and mirrors the picture as EXIF orientation says (TIFF 6.0, tag 274): 1 as stored, 3 turned by half, 6 and 8
    /// by a quarter, the others mirrored as well.
    /// </summary>
    /// <param name="to">Another picture.</param>
    public void CopyUpright(int orientation, LumaPicture to)
    {
        var isTurned = orientation is >= 5 and <= 8;
        to.Resize(isTurned ? Height : Width, isTurned ? Width : Height);
        var (right, bottom) = (Width - 1, Height - 1);
        for (var y = 0; y < to.Height; y++)
        {
            var row = to.Row(y);
            for (var x = 0; x < row.Length; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    2 => (right - x, y),
                    3 => (right - x, bottom - y),
                    4 => (x, bottom - y),
                    5 => (y, x),
                    6 => (y, bottom - x),
                    7 => (right - y, bottom - x),
                    8 => (right - y, x),
                    _ => (x, y),
                };
                row[x] = _pixels[(fromY * Width) + fromX];
            }
        }
    }
}
