using System.Security.Cryptography;

namespace Palisade.Evidence;

/// <summary>Measures how fast this machine seals and opens, memory to memory on one thread.</summary>
/// <param name="SealBytes">Clear bytes sealed and digested with SHA-256, for each second of processor time.</param>
/// <param name="OpenBytes">Clear bytes proven and opened.</param>
/// <param name="OpenAndDigestBytes">The same with a SHA-256 of what came out, which no reader needs: the tags prove every byte.</param>
/// <param name="DigestBytes">SHA-256 alone: no sealing that digests can be faster than this.</param>
public sealed record SealingSpeed(double SealBytes, double OpenBytes, double OpenAndDigestBytes, double DigestBytes)
{
    /// <param name="itemBytes">Size of each item.</param>
    /// <param name="least">Processor time to spend on each of the four.</param>
    public static async Task<SealingSpeed> MeasureAsync(int itemBytes, TimeSpan least, CancellationToken cancellationToken)
    {
        var clear = RandomNumberGenerator.GetBytes(itemBytes);
        var key = RandomNumberGenerator.GetBytes(32);
        var header = new SealedHeader(EvidenceId.New(), SealedPurpose.Original, SealedHeader.UsualChunkBytes);
        var container = new MemoryStream(itemBytes + (itemBytes / 1000) + 4096);
        var opened = new byte[itemBytes];

        Task Seal()
        {
            container.SetLength(0);
            using var writer = new SealedWriter(container, header, key);
            writer.Write(clear);
            writer.Complete();
            return Task.CompletedTask;
        }

        async Task Open(IncrementalHash? digest)
        {
            container.Position = 0;
            using var reader = await SealedReader.OpenAsync(container, key, header.Id, header.Purpose, header: null, cancellationToken);
            var at = 0;
            while (await reader.ReadAsync(cancellationToken))
            {
                reader.Chunk.Span.CopyTo(opened.AsSpan(at));
                digest?.AppendData(reader.Chunk.Span);
                at += reader.Chunk.Length;
            }

            digest?.GetHashAndReset();
        }

        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return new SealingSpeed(
            await RateAsync(Seal, itemBytes, least, cancellationToken),
            await RateAsync(() => Open(null), itemBytes, least, cancellationToken),
            await RateAsync(() => Open(digest), itemBytes, least, cancellationToken),
            await RateAsync(
                () =>
                {
                    SHA256.HashData(clear);
                    return Task.CompletedTask;
                },
                itemBytes,
                least,
                cancellationToken));
    }

    /// <summary>Processor time, since other programs may share the machine; a first round is not counted.</summary>
    private static async Task<double> RateAsync(Func<Task> once, int bytes, TimeSpan least, CancellationToken cancellationToken)
    {
        await once();
        var began = Environment.CpuUsage.TotalTime;
        var rounds = 0;
        TimeSpan used;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            await once();
            rounds++;
            used = Environment.CpuUsage.TotalTime - began;
        }
        while (used < least);
        return (double)bytes * rounds / used.TotalSeconds;
    }
}
