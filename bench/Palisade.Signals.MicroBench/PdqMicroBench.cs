using BenchmarkDotNet.Attributes;
using Palisade.Signals.Bench;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.MicroBench;

/// <summary>Pixels to PDQ.</summary>
[MemoryDiagnoser]
public class PdqMicroBench
{
    private readonly PdqHasher _hasher = new();
    private readonly byte[] _luma = Pictures.Draw(512, 512, 1);
    private readonly byte[] _rgb = Pictures.Draw(1024, 1024, 3);

    [Benchmark(Description = "PDQ of 512 x 512 luma, upright")]
    public PdqHash Luma() => _hasher.HashUprightLuma(_luma, 512, 512).Hash;

    [Benchmark(Description = "PDQ of 1024 x 1024 RGB, all orientations")]
    public PdqFingerprint Rgb() => _hasher.HashRgb(_rgb, 1024, 1024);
}
