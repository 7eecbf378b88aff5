namespace Palisade.Signals.Digests;

/// <summary>Computes the three digests of a file while its bytes pass by.</summary>
public sealed class DigestCalculator : IDisposable
{
    /// <summary>Adds the next bytes of the file.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    /// <summary>The digests of all bytes so far; the calculator begins anew.</summary>
    public FileDigests Finish() => throw new NotSupportedException();

    /// <summary>The digests of bytes that are all there.</summary>
    public static FileDigests Compute(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
