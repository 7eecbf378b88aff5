using Palisade.Decoding;
using Palisade.Signals.Digests;

namespace Palisade.Server.Cli;

/// <summary>Computes every fingerprint of a file: digests here, pixels in the sandboxed decoder.</summary>
internal sealed class FileHasher(DecoderPool decoder, long maxFileBytes)
{
    public async Task<HashLine> HashAsync(PictureFile file, CancellationToken cancellationToken)
    {
        switch (await UploadReader.ReadAsync(file, maxFileBytes, cancellationToken))
        {
            case ReadUpload.Whole { Bytes: var bytes }:
                var outcome = await decoder.DecodeAsync(bytes, cancellationToken);
                return HashLine.Of(file.Path, DigestCalculator.Compute(bytes), outcome);

            case ReadUpload.TooLarge { Digests: var digests }:
                return HashLine.NotRead(file.Path, "refused", "too-large") with
                {
                    Md5 = digests.Md5.ToString(),
                    Sha1 = digests.Sha1.ToString(),
                    Sha256 = digests.Sha256.ToString(),
                };

            case ReadUpload.Refused { Reason: var reason }:
                return HashLine.NotRead(file.Path, "refused", reason);

            case ReadUpload.Unreadable { Reason: var reason }:
                return HashLine.NotRead(file.Path, "unreadable", reason);

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}
