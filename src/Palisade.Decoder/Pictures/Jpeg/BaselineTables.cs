using System.Buffers.Binary;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>How a component is sampled and which tables its blocks use.</summary>
/// <param name="Across">Blocks in each unit, side by side.</param>
/// <param name="Down">Rows of blocks in each unit.</param>
internal readonly record struct JpegComponent(byte Id, int Across, int Down, int Quantiser, int DcTable, int AcTable);

/// <summary>
/// Everything that stands before the coefficients of an ordinary baseline JPEG: grey, or colour as 4:4:4, 4:2:2 or 4:2:0
/// (ITU-T T.81, annex B).
/// </summary>
/// <remarks>
/// Whatever is out of the ordinary is not read here but left to the libraries, which also decide what is damaged; so
/// nothing is accepted that libjpeg-turbo would only warn of.
/// </remarks>
internal sealed class BaselineTables
{
    private const int Zigzag = 64;
    private const int TableCount = 4;

    /// <summary>The longest side that libjpeg-turbo decodes.</summary>
    private const int MaxSide = 65_500;

    private readonly JpegComponent[] _components = new JpegComponent[3];
    private readonly HuffmanTable?[] _dc = new HuffmanTable?[TableCount];
    private readonly HuffmanTable?[] _ac = new HuffmanTable?[TableCount];
    private readonly short[]?[] _quantisers = new short[]?[TableCount];
    private bool _isJfif;
    private int _adobeTransform = -1;

    /// <summary>Where in a block of eight rows the coefficients lie in the order of the file.</summary>
    public static ReadOnlySpan<byte> Order =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55,
        62, 63,
    ];

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Units between restart markers; 0 is none.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>One for grey, three for colour.</summary>
    public int ComponentCount { get; private set; }

    /// <summary>Where the coefficients begin.</summary>
    public int ScanStart { get; private set; }

    public ReadOnlySpan<JpegComponent> Components => _components.AsSpan(0, ComponentCount);

    public HuffmanTable DcOf(in JpegComponent component) => _dc[component.DcTable]!;

    public HuffmanTable AcOf(in JpegComponent component) => _ac[component.AcTable]!;

    /// <summary>The steps by which a component's coefficients are multiplied, row by row.</summary>
    public ReadOnlySpan<short> QuantiserOf(in JpegComponent component) => _quantisers[component.Quantiser]!;

    /// <summary>Reads up to the coefficients; false where the picture is anything but ordinary.</summary>
    public bool TryRead(ReadOnlySpan<byte> file)
    {
        (ComponentCount, RestartInterval, _isJfif, _adobeTransform) = (0, 0, false, -1);
        var defined = default(Defined);
        var position = 2;
        while (position + 4 <= file.Length && file[position] == 0xFF)
        {
            var marker = file[position + 1];
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]);
            position += 4;
            if (length < 2 || position + length - 2 > file.Length)
            {
                return false;
            }

            var segment = file.Slice(position, length - 2);
            position += segment.Length;
            var isRead = marker switch
            {
                0xC0 or 0xC1 => TryReadFrame(segment),
                0xC4 => TryReadHuffman(segment, ref defined),
                0xDB => TryReadQuantisers(segment, ref defined),
                0xDD => TryReadRestart(segment),
                0xE0 => TryReadJfif(segment),
                0xEE => TryReadAdobe(segment),
                (>= 0xE1 and <= 0xEF) or 0xFE => true,
                0xDA => TryReadScan(segment, defined),
                _ => false,
            };
            if (!isRead || marker == 0xDA)
            {
                ScanStart = position;
                return isRead;
            }
        }

        return false;
    }

    private bool TryReadFrame(ReadOnlySpan<byte> segment)
    {
        if (ComponentCount != 0 || segment.Length < 6 || segment[0] != 8 || segment[5] is not (1 or 3) ||
            segment.Length != 6 + (3 * segment[5]))
        {
            return false;
        }

        ComponentCount = segment[5];
        Height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        for (var at = 0; at < ComponentCount; at++)
        {
            var described = segment.Slice(6 + (3 * at), 3);
            _components[at] = new JpegComponent(described[0], described[1] >> 4, described[1] & 15, described[2], 0, 0);
            if (_components[at].Across is < 1 or > 4 || _components[at].Down is < 1 or > 4 || described[2] >= TableCount)
            {
                return false;
            }
        }

        return Width is > 0 and <= MaxSide && Height is > 0 and <= MaxSide && HasOrdinarySampling();
    }

    private bool HasOrdinarySampling()
    {
        if (ComponentCount == 1)
        {
            // Alone in its scan a component has one block in each unit, whatever it says.
            _components[0] = _components[0] with { Across = 1, Down = 1 };
            return true;
        }

        var (luma, blue, red) = (_components[0], _components[1], _components[2]);
        var isWhole = (luma.Across, luma.Down) is (1, 1);
        return (isWhole || ((luma.Across, luma.Down) is (2, 1) or (2, 2) && Width >= 16)) &&
            (blue.Across, blue.Down, red.Across, red.Down) is (1, 1, 1, 1) &&
            luma.Id != blue.Id && luma.Id != red.Id && blue.Id != red.Id;
    }

    private bool TryReadHuffman(ReadOnlySpan<byte> segment, ref Defined defined)
    {
        while (segment.Length > HuffmanTable.Lengths)
        {
            var (kind, number) = (segment[0] >> 4, segment[0] & 15);
            var counts = segment.Slice(1, HuffmanTable.Lengths);
            var total = 0;
            foreach (var count in counts)
            {
                total += count;
            }

            segment = segment[(1 + HuffmanTable.Lengths)..];
            if (kind > 1 || number >= TableCount || total > 256 || total > segment.Length)
            {
                return false;
            }

            var table = (kind == 0 ? _dc : _ac)[number] ??= new HuffmanTable(isDc: kind == 0);
            if (!table.TrySet(counts, segment[..total]))
            {
                return false;
            }

            defined.Huffman |= 1 << ((kind * TableCount) + number);
            segment = segment[total..];
        }

        return segment.IsEmpty;
    }

    private bool TryReadQuantisers(ReadOnlySpan<byte> segment, ref Defined defined)
    {
        for (; segment.Length > Zigzag; segment = segment[(1 + Zigzag)..])
        {
            if (segment[0] >= TableCount)
            {
                return false;
            }

            var steps = _quantisers[segment[0]] ??= new short[Zigzag];
            for (var at = 0; at < Zigzag; at++)
            {
                steps[Order[at]] = segment[1 + at];
            }

            defined.Quantisers |= 1 << segment[0];
        }

        return segment.IsEmpty;
    }

    private bool TryReadRestart(ReadOnlySpan<byte> segment)
    {
        RestartInterval = segment.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(segment) : 0;
        return segment.Length == 2;
    }

    /// <summary>Another major version than 1 is warned of.</summary>
    private bool TryReadJfif(ReadOnlySpan<byte> segment)
    {
        var isJfif = segment.Length >= 14 && segment.StartsWith("JFIF\0"u8);
        _isJfif |= isJfif;
        return !isJfif || segment[5] == 1;
    }

    private bool TryReadAdobe(ReadOnlySpan<byte> segment)
    {
        if (segment.Length >= 12 && segment.StartsWith("Adobe"u8))
        {
            _adobeTransform = segment[11];
        }

        return true;
    }

    private bool TryReadScan(ReadOnlySpan<byte> segment, Defined defined)
    {
        var count = ComponentCount;
        if (count == 0 || segment.Length != 4 + (2 * count) || segment[0] != count ||
            segment[^3] != 0 || segment[^2] != Zigzag - 1 || segment[^1] != 0)
        {
            return false;
        }

        for (var at = 0; at < count; at++)
        {
            var (id, dc, ac) = (segment[1 + (2 * at)], segment[2 + (2 * at)] >> 4, segment[2 + (2 * at)] & 15);
            ref var component = ref _components[at];
            if (id != component.Id || dc >= TableCount || ac >= TableCount ||
                (defined.Quantisers >> component.Quantiser & 1) == 0 ||
                (defined.Huffman >> dc & 1) == 0 || (defined.Huffman >> (TableCount + ac) & 1) == 0)
            {
                return false;
            }

            component = component with { DcTable = dc, AcTable = ac };
        }

        return count == 1 || IsLumaAndChroma();
    }

    /// <summary>The rules by which libjpeg knows YCbCr without having to guess.</summary>
    private bool IsLumaAndChroma() => _isJfif || (_adobeTransform >= 0
        ? _adobeTransform == 1
        : (_components[0].Id, _components[1].Id, _components[2].Id) is (1, 2, 3));

    /// <summary>Which tables this file has defined, a bit for each; others are left from an earlier file.</summary>
    private struct Defined
    {
        public int Huffman;
        public int Quantisers;
    }
}
