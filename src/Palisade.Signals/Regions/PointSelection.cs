namespace Palisade.Signals.Regions;

/// <summary>Chooses the strongest points of a picture, spread over a grid of 4 x 4 cells.</summary>
/// <remarks>
/// In a first pass each cell gives at most 70 % of an equal share, so that one busy corner does not take all; a second
/// fills up from those left over. Both go from the strongest down.
/// </remarks>
internal sealed class PointSelection
{
    private const int Side = 4;
    private const double ShareOfCell = 0.7;

    private ulong[] _order = [];
    private Keypoint[] _chosen = [];
    private bool[] _isTaken = [];

    /// <param name="most">How many points are chosen at most.</param>
    public ReadOnlySpan<Keypoint> Choose(ReadOnlySpan<Keypoint> points, int width, int height, int most)
    {
        if (_order.Length < points.Length)
        {
            (_order, _isTaken) = (new ulong[2 * points.Length], new bool[2 * points.Length]);
        }

        if (_chosen.Length < most)
        {
            _chosen = new Keypoint[most];
        }

        // Scores are positive, and the bits of positive numbers sort as they do. Equal ones stay in the order found.
        for (var at = 0; at < points.Length; at++)
        {
            var score = BitConverter.SingleToUInt32Bits(points[at].Score);
            _order[at] = ((ulong)(uint.MaxValue - score) << 32) | (uint)at;
        }

        var order = _order.AsSpan(0, points.Length);
        order.Sort();
        Span<int> room = stackalloc int[Side * Side];
        room.Fill((int)(ShareOfCell * most / (Side * Side)));
        var count = 0;
        for (var pass = 0; pass < 2; pass++)
        {
            for (var at = 0; at < order.Length && count < most; at++)
            {
                ref readonly var point = ref points[(int)(uint)order[at]];
                if (pass == 0)
                {
                    ref var left = ref room[CellOf(point, width, height)];
                    _isTaken[at] = left > 0;
                    left--;
                }

                if (_isTaken[at] == (pass == 0))
                {
                    _chosen[count++] = point;
                }
            }
        }

        return _chosen.AsSpan(0, count);
    }

    private static int CellOf(in Keypoint point, int width, int height)
    {
        var column = Math.Clamp((int)(point.InPicture(point.X) * Side / width), 0, Side - 1);
        var row = Math.Clamp((int)(point.InPicture(point.Y) * Side / height), 0, Side - 1);
        return (row * Side) + column;
    }
}
