using System.Runtime.InteropServices;
using Palisade.Decoder.Headers;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// Ordinary baseline JPEGs from their bytes to RGB, a strip of blocks at a time, with the same samples as libjpeg-turbo
/// gives (accurate transform, fancy upsampling), and no picture is ever held whole.
/// </summary>
/// <remarks>
/// Only what is whole and ordinary is taken. Anything else, and the least doubt, is left to the libraries: what is damaged
/// is for them to say. Needs AVX2.
/// </remarks>
internal sealed class BaselineJpeg
{
    private const int Block = 8;

    /// <summary>Units that are decoded together, so that blocks of one component always come in pairs.</summary>
    private const int UnitsAtOnce = 2;

    /// <summary>Of a unit: four of luma and two of chroma.</summary>
    private const int MostBlocks = 6;

    private readonly BaselineTables _tables = new();
    private readonly EntropyReader _reader = new();
    private readonly Plane[] _planes = [new(), new(), new()];
    private readonly ChromaRow _blue = new();
    private readonly ChromaRow _red = new();

    // The blocks of two units. Two that lie side by side are a pair, and their coefficients lie so too.
    private readonly List<BlockPlan> _blocks = [];
    private readonly List<PairPlan> _pairs = [];
    private readonly bool[] _flat = new bool[UnitsAtOnce * MostBlocks];
    private readonly short[] _coefficients = new short[MostBlocks * BlockTransform.PairSize];
    private readonly int[] _constants = new int[3];
    private byte[] _rgb = [];
    private int _unitsToRestart;
    private int _restarts;

    public static bool IsSupported => BlockTransform.IsSupported;

    private bool IsHalvedDown => _planes[0].Down == 2;

    /// <summary>Decodes the picture into the hasher; false where it is none of these, and then nothing counts.</summary>
    public bool TryDecode(ReadOnlySpan<byte> file, in JpegHeader header, PdqPairHasher hasher)
    {
        if (header.IsBuffered || !_tables.TryRead(file) || (_tables.Width, _tables.Height) != (header.Width, header.Height))
        {
            return false;
        }

        var position = _tables.ScanStart;
        if (!_reader.TryBegin(file, ref position))
        {
            return false;
        }

        Begin();
        hasher.Begin(_tables.Width, _tables.Height);
        var strips = Over(_tables.Height, Block * _planes[0].Down);
        for (var strip = 0; strip < strips; strip++)
        {
            if (!TryReadStrip(strip, file, ref position))
            {
                return false;
            }

            // Chroma that was halved down needs its neighbours, so that its strips come out one later.
            if (!IsHalvedDown)
            {
                AddStrip(strip, hasher);
            }
            else if (strip > 0)
            {
                AddStrip(strip - 1, hasher);
            }
        }

        if (IsHalvedDown)
        {
            AddStrip(strips - 1, hasher);
        }

        return _reader.IsAtEnd && _reader.Marker == 0xD9;
    }

    private static int Over(int whole, int part) => (whole + part - 1) / part;

    private void Begin()
    {
        (_unitsToRestart, _restarts) = (_tables.RestartInterval, 0);
        _blocks.Clear();
        _pairs.Clear();
        _constants.AsSpan().Clear();
        _coefficients.AsSpan().Clear();
        var (luma, count) = (_tables.Components[0], _tables.ComponentCount);
        var groups = Over(Over(_tables.Width, Block * luma.Across), UnitsAtOnce);
        for (var at = 0; at < count; at++)
        {
            var component = _tables.Components[at];
            _planes[at].Begin(component, _tables.QuantiserOf(component), groups * UnitsAtOnce, Over(_tables.Height * component.Down, luma.Down));
        }

        for (var unit = 0; unit < UnitsAtOnce; unit++)
        {
            var firstPair = 0;
            for (var at = 0; at < count; at++)
            {
                PlanBlocks(unit, at, ref firstPair);
            }
        }

        for (var at = 0; at < count; at++)
        {
            PlanPairs(at);
        }

        if (_rgb.Length < 3 * _tables.Width * Block * luma.Down)
        {
            _rgb = GC.AllocateUninitializedArray<byte>(3 * _tables.Width * Block * luma.Down);
        }

        _blue.Begin(Over(_tables.Width, 2));
        _red.Begin(Over(_tables.Width, 2));
    }

    private void PlanBlocks(int unit, int at, ref int firstPair)
    {
        var component = _tables.Components[at];
        for (var block = 0; block < component.Across * component.Down; block++)
        {
            var place = (unit * component.Across) + (block % component.Across);
            var pair = firstPair + (block / component.Across * component.Across) + (place / 2);
            var offset = (pair * BlockTransform.PairSize) + (place % 2 * Block);
            _blocks.Add(new BlockPlan(_tables.DcOf(component), _tables.AcOf(component), at, offset));
        }

        firstPair += component.Across * component.Down;
    }

    private void PlanPairs(int at)
    {
        var component = _tables.Components[at];
        for (var pair = 0; pair < component.Across * component.Down; pair++)
        {
            var offset = _pairs.Count * BlockTransform.PairSize;
            _pairs.Add(new PairPlan(
                at,
                offset,
                _blocks.FindIndex(block => block.Offset == offset),
                _blocks.FindIndex(block => block.Offset == offset + Block),
                pair / component.Across * Block,
                pair % component.Across * UnitsAtOnce * Block));
        }
    }

    private bool TryReadStrip(int strip, ReadOnlySpan<byte> file, ref int position)
    {
        var units = Over(_tables.Width, Block * _planes[0].Across);
        var blocks = CollectionsMarshal.AsSpan(_blocks);
        var blocksOfUnit = blocks.Length / UnitsAtOnce;
        for (var unit = 0; unit < units; unit += UnitsAtOnce)
        {
            for (var at = 0; at < Math.Min(UnitsAtOnce, units - unit); at++)
            {
                var first = at * blocksOfUnit;
                var isRead = TryRestart(file, ref position) && _reader.TryReadUnit(
                    blocks.Slice(first, blocksOfUnit), _coefficients, _constants, _flat.AsSpan(first, blocksOfUnit));
                if (!isRead)
                {
                    return false;
                }
            }

            if (!_reader.IsWithin || !TryTransform(strip, unit))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Turns all pairs of coefficients into samples and leaves them empty.</summary>
    private bool TryTransform(int strip, int unit)
    {
        var isPossible = true;
        foreach (ref readonly var pair in CollectionsMarshal.AsSpan(_pairs))
        {
            var plane = _planes[pair.Component];
            ref var samples = ref plane.BlocksAt(strip, pair.Top, (unit * plane.Across * Block) + pair.Left);
            var coefficients = _coefficients.AsSpan(pair.Offset, BlockTransform.PairSize);
            ref var first = ref MemoryMarshal.GetReference(coefficients);
            if (_flat[pair.LeftBlock] && _flat[pair.RightBlock])
            {
                isPossible &= BlockTransform.TryFillFlat(first, plane.Quantiser, ref samples, plane.Stride);
                (coefficients[0], coefficients[Block]) = (0, 0);
            }
            else
            {
                isPossible &= BlockTransform.TryTransform(ref first, ref plane.Quantiser, ref samples, plane.Stride);
                coefficients.Clear();
            }
        }

        return isPossible;
    }

    /// <summary>Goes on to the next segment where one is due; false where the file has none there.</summary>
    private bool TryRestart(ReadOnlySpan<byte> file, ref int position)
    {
        if (_tables.RestartInterval == 0)
        {
            return true;
        }

        if (_unitsToRestart == 0)
        {
            if (!_reader.IsAtEnd || _reader.Marker != 0xD0 + (_restarts % 8) || !_reader.TryBegin(file, ref position))
            {
                return false;
            }

            _restarts++;
            _unitsToRestart = _tables.RestartInterval;
            _constants.AsSpan().Clear();
        }

        _unitsToRestart--;
        return true;
    }

    private void AddStrip(int strip, PdqPairHasher hasher)
    {
        var luma = _planes[0];
        var top = strip * Block * luma.Down;
        var end = Math.Min(top + (Block * luma.Down), _tables.Height);
        var rowBytes = 3 * _tables.Width;
        for (var y = top; y < end; y++)
        {
            var row = luma.Row(y)[.._tables.Width];
            if (_tables.ComponentCount == 1)
            {
                hasher.AddLumaRows(row);
            }
            else
            {
                ColourRow.ToRgb(
                    row,
                    ChromaOf(_planes[1], _blue, y),
                    ChromaOf(_planes[2], _red, y),
                    _rgb.AsSpan((y - top) * rowBytes, rowBytes));
            }
        }

        if (_tables.ComponentCount > 1)
        {
            hasher.AddRgbRows(_rgb.AsSpan(0, (end - top) * rowBytes));
        }
    }

    private ReadOnlySpan<byte> ChromaOf(Plane plane, ChromaRow wide, int y)
    {
        if (IsHalvedDown)
        {
            var nearest = y / 2;
            return wide.Widen(plane.Row(nearest), plane.Row(y % 2 == 0 ? nearest - 1 : nearest + 1));
        }

        return _planes[0].Across == 2 ? wide.Widen(plane.Row(y)) : plane.Row(y);
    }

    /// <summary>Two blocks of one component that lie side by side.</summary>
    /// <param name="Offset">Of their coefficients.</param>
    /// <param name="Top">Of their samples in the strip.</param>
    /// <param name="Left">Of their samples, from where the first of the two units begins.</param>
    private readonly record struct PairPlan(int Component, int Offset, int LeftBlock, int RightBlock, int Top, int Left);

    /// <summary>The latest rows of one component's samples.</summary>
    private sealed class Plane
    {
        /// <summary>Strips that are kept: the one that comes out, and its neighbours.</summary>
        private const int Strips = 4;

        private readonly short[] _quantiser = new short[BlockTransform.PairSize];
        private byte[] _samples = [];
        private int _rows;

        public int Across { get; private set; }

        public int Down { get; private set; }

        public int Stride { get; private set; }

        public ref short Quantiser => ref _quantiser[0];

        private int KeptRows => Down * Block * Strips;

        /// <param name="units">Units in a strip, to the next even number.</param>
        /// <param name="rows">Rows of samples that count.</param>
        public void Begin(in JpegComponent component, ReadOnlySpan<short> quantiser, int units, int rows)
        {
            (Across, Down, _rows) = (component.Across, component.Down, rows);
            BlockTransform.Spread(quantiser, _quantiser);
            Stride = units * Across * Block;
            if (_samples.Length < Stride * KeptRows)
            {
                _samples = GC.AllocateUninitializedArray<byte>(Stride * KeptRows);
            }
        }

        /// <summary>A row of samples; above the first and below the last they repeat.</summary>
        public ReadOnlySpan<byte> Row(int y) =>
            _samples.AsSpan(Math.Clamp(y, 0, _rows - 1) % KeptRows * Stride, Stride);

        /// <summary>Where two blocks go. The slice is the proof that eight rows of sixteen samples fit.</summary>
        public ref byte BlocksAt(int strip, int top, int left)
        {
            var first = (((strip * Down * Block) + top) % KeptRows * Stride) + left;
            return ref MemoryMarshal.GetReference(_samples.AsSpan(first, (7 * Stride) + (2 * Block)));
        }
    }
}
