using System.Runtime.InteropServices;
using Palisade.Decoder.Headers;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Pictures.Jpeg;

/// <summary>
/// Ordinary baseline JPEGs from their bytes to luma, a strip of blocks at a time, with the same samples as libjpeg-turbo
/// gives (accurate transform, fancy upsampling) and about twice as fast as the way through whole RGB pictures.
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

    private readonly BaselineTables _tables = new();
    private readonly EntropyReader _reader = new();
    private readonly Plane[] _planes = [new(), new(), new()];
    private readonly ChromaRow _blue = new();
    private readonly ChromaRow _red = new();
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
        var units = Over(_tables.Width, Block * _tables.Components[0].Across);
        for (var at = 0; at < _tables.ComponentCount; at++)
        {
            var component = _tables.Components[at];
            _planes[at].Begin(
                component, _tables, Over(units, UnitsAtOnce), Over(_tables.Height * component.Down, _tables.Components[0].Down));
        }

        _blue.Begin(Over(_tables.Width, 2));
        _red.Begin(Over(_tables.Width, 2));
    }

    private bool TryReadStrip(int strip, ReadOnlySpan<byte> file, ref int position)
    {
        var units = Over(_tables.Width, Block * _planes[0].Across);
        var planes = _planes.AsSpan(0, _tables.ComponentCount);
        for (var unit = 0; unit < units; unit += UnitsAtOnce)
        {
            for (var at = 0; at < Math.Min(UnitsAtOnce, units - unit); at++)
            {
                if (!TryRestart(file, ref position))
                {
                    return false;
                }

                foreach (var plane in planes)
                {
                    if (!plane.TryReadUnit(_reader, at))
                    {
                        return false;
                    }
                }
            }

            foreach (var plane in planes)
            {
                if (!plane.TryTransform(strip, unit / UnitsAtOnce))
                {
                    return false;
                }
            }

            if (!_reader.IsWithin)
            {
                return false;
            }
        }

        return true;
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
            foreach (var plane in _planes)
            {
                plane.Restart();
            }
        }

        _unitsToRestart--;
        return true;
    }

    private void AddStrip(int strip, PdqPairHasher hasher)
    {
        var luma = _planes[0];
        var top = strip * Block * luma.Down;
        for (var y = top; y < Math.Min(top + (Block * luma.Down), _tables.Height); y++)
        {
            var row = luma.Row(y)[.._tables.Width];
            if (_tables.ComponentCount == 1)
            {
                hasher.AddLumaRows(row);
                continue;
            }

            var target = hasher.NextLumaRow;
            ColourLuma.Of(row, ChromaOf(_planes[1], _blue, y), ChromaOf(_planes[2], _red, y), target);
            hasher.EndLumaRow();
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

    /// <summary>One component: the blocks that wait to be transformed, and its latest rows of samples.</summary>
    private sealed class Plane
    {
        /// <summary>Strips that are kept: one that comes out, and its neighbours.</summary>
        private const int Strips = 4;

        // Aligned by hand nowhere: vectors are loaded as they lie.
        private readonly short[] _quantiser = new short[BlockTransform.PairSize];
        private readonly bool[] _areFlat = new bool[4];
        private short[] _pairs = [];
        private byte[] _samples = [];
        private HuffmanTable _dc = null!;
        private HuffmanTable _ac = null!;
        private int _constant;
        private int _stride;
        private int _rows;

        public int Across { get; private set; }

        public int Down { get; private set; }

        /// <param name="groups">How often two units stand in a strip.</param>
        /// <param name="rows">Rows of samples that count.</param>
        public void Begin(in JpegComponent component, BaselineTables tables, int groups, int rows)
        {
            (Across, Down, _rows) = (component.Across, component.Down, rows);
            (_dc, _ac) = (tables.DcOf(component), tables.AcOf(component));
            BlockTransform.Spread(tables.QuantiserOf(component), _quantiser);
            _stride = groups * UnitsAtOnce * Across * Block;
            _constant = 0;
            if (_pairs.Length < Across * Down * BlockTransform.PairSize)
            {
                _pairs = new short[Across * Down * BlockTransform.PairSize];
            }

            _pairs.AsSpan().Clear();
            var size = _stride * Down * Block * Strips;
            if (_samples.Length < size)
            {
                _samples = GC.AllocateUninitializedArray<byte>(size);
            }
        }

        public void Restart() => _constant = 0;

        /// <summary>A row of samples; above the first and below the last they repeat.</summary>
        public ReadOnlySpan<byte> Row(int y)
        {
            y = Math.Clamp(y, 0, _rows - 1) % (Down * Block * Strips);
            return _samples.AsSpan(y * _stride, _stride);
        }

        /// <summary>Reads the blocks of the first or second unit of two.</summary>
        public bool TryReadUnit(EntropyReader reader, int unit)
        {
            for (var down = 0; down < Down; down++)
            {
                for (var across = 0; across < Across; across++)
                {
                    // Two units' blocks of one row, side by side, are this component's pairs.
                    var place = (unit * Across) + across;
                    var pair = (down * Across) + (place / 2);
                    ref var block = ref _pairs[(pair * BlockTransform.PairSize) + (place % 2 * Block)];
                    if (!reader.TryReadBlock(_dc, _ac, ref block, ref _constant, out var isFlat))
                    {
                        return false;
                    }

                    _areFlat[pair] = isFlat && (place % 2 == 0 || _areFlat[pair]);
                }
            }

            return true;
        }

        /// <summary>Turns the pairs into samples and leaves them empty.</summary>
        public bool TryTransform(int strip, int group)
        {
            var isPossible = true;
            for (var pair = 0; pair < Across * Down; pair++)
            {
                var (down, across) = (pair / Across, pair % Across);
                var y = ((strip * Down) + down) * Block % (Down * Block * Strips);
                var x = ((group * Across) + across) * UnitsAtOnce * Block;

                // The slice is the proof that eight rows of sixteen samples fit.
                var place = _samples.AsSpan(y * _stride, Block * _stride);
                ref var samples = ref MemoryMarshal.GetReference(place[x..(x + (7 * _stride) + (2 * Block))]);
                var coefficients = _pairs.AsSpan(pair * BlockTransform.PairSize, BlockTransform.PairSize);
                ref var first = ref MemoryMarshal.GetReference(coefficients);
                if (_areFlat[pair])
                {
                    isPossible &= BlockTransform.TryFillFlat(first, _quantiser[0], ref samples, _stride);
                    (coefficients[0], coefficients[Block]) = (0, 0);
                }
                else
                {
                    isPossible &= BlockTransform.TryTransform(ref first, ref _quantiser[0], ref samples, _stride);
                    coefficients.Clear();
                }
            }

            return isPossible;
        }
    }
}
