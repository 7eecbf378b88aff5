using Palisade.Signals.Digests;

namespace Palisade.Scanning;

/// <summary>
/// An upload's digests. SHA-256 is always there; MD5 and SHA-1 are computed when they are first asked for, since most uploads
/// meet no bank that lists them and leave no record that names them.
/// </summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class UploadDigests
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Action? _computing;
    private FileDigests? _all;

    /// <param name="bytes">Must stay as they are as long as this is asked.</param>
    /// <param name="computing">Called when MD5 and SHA-1 are computed, which is once at most.</param>
    public UploadDigests(ReadOnlyMemory<byte> bytes, Action computing)
    {
        (_bytes, _computing) = (bytes, computing);
        Sha256 = DigestCalculator.ComputeSha256(bytes.Span);
    }

    /// <param name="all">Of a file that is known by its digests already.</param>
    public UploadDigests(FileDigests all)
    {
        _all = all;
        Sha256 = all.Sha256;
    }

    public Digest Sha256 { get; }

    public FileDigests All => _all ??= Compute();

    private FileDigests Compute()
    {
        _computing?.Invoke();
        return DigestCalculator.ComputeBeside(Sha256, _bytes.Span);
    }
}
