namespace Palisade.Decoder.Tests;

/// <summary>How a component is sampled: its blocks in each unit, across and down.</summary>
public readonly record struct Sampling(int Across, int Down);

/// <summary>
/// Writes JPEGs (ITU-T T.81) of random coefficients: any sampling, baseline or progressive, with or without restarts.
/// </summary>
/// <remarks>Every Huffman code is 8 bits long, so that a code is its symbol's place in the table.</remarks>
internal sealed class NoiseJpeg(int seed, int width, int height, params Sampling[] components)
{
    private const int Zigzag = 64;
    private const int EndOfBlock = 0x00;
    private const int Sizes = 8;

    /// <summary>Sizes of differences 0 to 7 (0 also ends a block), then a run of 0 to 15 zeros before a value of 1 to 7 bits.</summary>
    private static readonly byte[] Symbols =
    [
        .. Enumerable.Range(0, Sizes).Select(size => (byte)size),
        .. Enumerable.Range(1, 15).SelectMany(run => Enumerable.Range(1, 7).Select(size => (byte)((run << 4) | size))),
    ];

    private readonly List<byte> _file = [0xFF, 0xD8];
    private readonly int _unitsAcross = Over(width, 8 * components.Max(component => component.Across));
    private readonly int _unitsDown = Over(height, 8 * components.Max(component => component.Down));
    private int _random = seed;
    private ulong _bits;
    private int _bitCount;

    /// <summary>Units between restart markers; 0 is none.</summary>
    public int RestartInterval { get; init; }

    /// <summary>An Adobe segment with this transform: 0 says that the components are RGB or CMYK as they are.</summary>
    public byte? AdobeTransform { get; init; }

    public byte[] Baseline()
    {
        Start(0xC0);
        Scan(Enumerable.Range(0, components.Length), 0, 63, high: 0, low: 0);
        return End();
    }

    /// <summary>Rough and fine constant terms of all components, then the rest of each one in two parts.</summary>
    public byte[] Progressive()
    {
        Start(0xC2);
        var all = Enumerable.Range(0, components.Length).ToList();
        Scan(all, 0, 0, high: 0, low: 1);
        foreach (var component in all)
        {
            Scan([component], 1, 5, high: 0, low: 0);
        }

        Scan(all, 0, 0, high: 1, low: 0);
        foreach (var component in all)
        {
            Scan([component], 6, 63, high: 0, low: 0);
        }

        return End();
    }

    private void Start(byte frame)
    {
        if (AdobeTransform is { } transform)
        {
            _file.AddRange(JpegBuilder.Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform]));
        }

        _file.AddRange(JpegBuilder.Segment(0xDB, [0, .. Enumerable.Range(0, Zigzag).Select(i => (byte)(5 + i))]));
        _file.AddRange(JpegBuilder.Segment(
            frame,
            [
                8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)components.Length,
                .. components.SelectMany((component, i) =>
                    new[] { (byte)(i + 1), (byte)((component.Across << 4) | component.Down), (byte)0 }),
            ]));
        _file.AddRange(JpegBuilder.Segment(0xC4, [0x00, .. Table(Symbols[..Sizes])]));
        _file.AddRange(JpegBuilder.Segment(0xC4, [0x10, .. Table(Symbols)]));
        if (RestartInterval > 0)
        {
            _file.AddRange(JpegBuilder.Segment(0xDD, [(byte)(RestartInterval >> 8), (byte)RestartInterval]));
        }
    }

    private static byte[] Table(byte[] symbols) =>
        [0, 0, 0, 0, 0, 0, 0, (byte)symbols.Length, 0, 0, 0, 0, 0, 0, 0, 0, .. symbols];

    private void Scan(IEnumerable<int> members, int first, int last, int high, int low)
    {
        var scanned = members.ToList();
        _file.AddRange(JpegBuilder.Segment(
            0xDA,
            [
                (byte)scanned.Count, .. scanned.SelectMany(i => new[] { (byte)(i + 1), (byte)0 }),
                (byte)first, (byte)last, (byte)((high << 4) | low),
            ]));
        var units = scanned.Count > 1 ? _unitsAcross * _unitsDown : BlocksAlone(components[scanned[0]]);
        for (var unit = 0; unit < units; unit++)
        {
            if (RestartInterval > 0 && unit > 0 && unit % RestartInterval == 0)
            {
                Align();
                _file.AddRange([0xFF, (byte)(0xD0 + (((unit / RestartInterval) - 1) % 8))]);
            }

            foreach (var component in scanned)
            {
                var blocks = scanned.Count > 1 ? components[component].Across * components[component].Down : 1;
                for (var block = 0; block < blocks; block++)
                {
                    Block(first, last, high);
                }
            }
        }

        Align();
    }

    /// <summary>A component that has a scan of its own has no blocks beyond its edge.</summary>
    private int BlocksAlone(Sampling component)
    {
        var across = Over(width * component.Across, components.Max(other => other.Across));
        var down = Over(height * component.Down, components.Max(other => other.Down));
        return Over(across, 8) * Over(down, 8);
    }

    private void Block(int first, int last, int high)
    {
        if (first == 0 && high > 0)
        {
            Put((uint)Random(2), 1);
            return;
        }

        var position = first;
        if (first == 0)
        {
            // Small steps in both directions, so that the brightness wanders and stays in its bounds.
            Value(run: 0, size: Random(4));
            position++;
        }

        while (position <= last)
        {
            var run = 1 + Random(14);
            if (position + run > last || Random(4) == 0)
            {
                Code(EndOfBlock);
                return;
            }

            Value(run, size: 1 + Random(3));
            position += run + 1;
        }
    }

    private void Value(int run, int size)
    {
        Code((run << 4) | size);
        Put((uint)Random(1 << size), size);
    }

    private void Code(int symbol) => Put((uint)Array.IndexOf(Symbols, (byte)symbol), 8);

    private void Put(uint value, int count)
    {
        _bits = (_bits << count) | value;
        _bitCount += count;
        while (_bitCount >= 8)
        {
            _bitCount -= 8;
            var whole = (byte)(_bits >> _bitCount);
            _file.Add(whole);
            if (whole == 0xFF)
            {
                _file.Add(0);
            }
        }
    }

    private void Align()
    {
        if (_bitCount > 0)
        {
            Put((1u << (8 - _bitCount)) - 1, 8 - _bitCount);
        }
    }

    private byte[] End()
    {
        _file.AddRange([0xFF, 0xD9]);
        return [.. _file];
    }

    private int Random(int below)
    {
        _random = unchecked((_random * 1_103_515_245) + 12_345);
        return (int)((uint)_random >> 16) % below;
    }

    private static int Over(int value, int size) => (value + size - 1) / size;
}
