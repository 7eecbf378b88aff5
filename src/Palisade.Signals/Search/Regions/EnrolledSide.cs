using Palisade.Signals.Regions;

namespace Palisade.Signals.Search.Regions;

/// <summary>The points of one enrolled picture, their places taken out of the binary form.</summary>
internal sealed class EnrolledSide
{
    private static readonly (double Sin, double Cos)[] TurnOf = [.. Enumerable.Range(0, RegionPoint.AngleSteps)
        .Select(step => PlainMath.SinCos(step * 2 * Math.PI / RegionPoint.AngleSteps))];

    private static readonly double[] SigmaOf = [.. Enumerable.Range(0, 64)
        .Select(step => PlainMath.Exp2(step / (double)RegionPoint.SigmaStepsPerOctave))];

    private readonly byte[] _sigmaSteps = new byte[RegionCodes.DensePoints];
    private readonly byte[] _turnSteps = new byte[RegionCodes.DensePoints];

    public int Count { get; private set; }

    public int Width { get; private set; }

    public int Height { get; private set; }

    public float[] X { get; } = new float[RegionCodes.DensePoints];

    public float[] Y { get; } = new float[RegionCodes.DensePoints];

    public ulong[] Code { get; } = new ulong[RegionCodes.DensePoints];

    public float LogSigma(int point) => _sigmaSteps[point] / (float)RegionPoint.SigmaStepsPerOctave;

    public double Sigma(int point) => SigmaOf[_sigmaSteps[point]];

    public float Angle(int point) => _turnSteps[point] * (2 * MathF.PI / RegionPoint.AngleSteps);

    public (double Sin, double Cos) Turn(int point) => TurnOf[_turnSteps[point]];

    public void Take(RegionRows rows, int place)
    {
        var codes = rows.CodesOf(place);
        var places = rows.PlacesOf(place);
        Count = codes.Length;
        (Width, Height) = rows.SizeOf(place);
        codes.CopyTo(Code);
        for (var at = 0; at < Count; at++)
        {
            var point = new RegionPoint(codes[at], places[at]);
            X[at] = point.XSteps * (Width - 1) / (float)RegionPoint.PositionSteps;
            Y[at] = point.YSteps * (Height - 1) / (float)RegionPoint.PositionSteps;
            _sigmaSteps[at] = (byte)point.SigmaSteps;
            _turnSteps[at] = (byte)point.TurnSteps;
        }
    }
}
