using System.Security.Cryptography;
using CsCheck;
using Palisade.Evidence;

namespace Palisade.Tests.Evidence;

/// <summary>T6.2 of the security model, on the container alone.</summary>
public sealed class SealedFormatTests
{
    private const int SmallChunk = 4096;

    private static readonly EvidenceId Id = EvidenceId.New();
    private static readonly byte[] DataKey = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public void Bytes_of_any_length_come_back_and_are_digested() =>
        Gen.Select(Gen.Int[0, 5 * SmallChunk], Gen.Int[1, 3 * SmallChunk]).Sample(
            (length, step) =>
            {
                var clear = RandomNumberGenerator.GetBytes(length);
                using var container = new MemoryStream();
                using var writer = NewWriter(container, SealedPurpose.Original, DataKey);
                for (var at = 0; at < length; at += step)
                {
                    writer.Write(clear.AsSpan(at, Math.Min(step, length - at)));
                }

                var digest = writer.Complete();

                return digest.AsSpan().SequenceEqual(SHA256.HashData(clear)) && writer.SizeBytes == length &&
                       Open(container.ToArray())!.AsSpan().SequenceEqual(clear);
            },
            iter: 300);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(SmallChunk, 1)]
    [InlineData(SmallChunk + 1, 2)]
    [InlineData(3 * SmallChunk, 3)]
    public void A_container_has_one_tag_for_each_chunk_and_no_empty_chunk_at_its_end(int clearBytes, int chunks) =>
        Assert.Equal(
            SealedHeader.SizeBytes + clearBytes + (chunks * ChunkCipher.TagBytes),
            Seal(new byte[clearBytes]).Length);

    [Fact]
    public void A_flip_at_every_byte_of_a_sealed_20_kB_file_is_refused()
    {
        var container = Seal(RandomNumberGenerator.GetBytes(20_000));
        var tried = 0;

        for (var i = 0; i < container.Length; i++, tried++)
        {
            container[i] ^= (byte)(1 << (i % 8));
            Assert.True(Open(container) is null, $"byte {i}");
            container[i] ^= (byte)(1 << (i % 8));
        }

        Assert.Equal(20_000 + 64 + (5 * 16), tried);
        Assert.NotNull(Open(container));
    }

    [Fact]
    public void Every_shorter_and_some_longer_lengths_are_refused()
    {
        var container = Seal(RandomNumberGenerator.GetBytes(20_000));

        for (var length = 0; length < container.Length; length++)
        {
            Assert.True(Open(container[..length]) is null, $"length {length}");
        }

        Assert.Null(Open([.. container, 0]));
        Assert.Null(Open([.. container, .. container[^SmallChunk..]]));
        Assert.Null(Open([.. container, .. container]));
    }

    [Fact]
    public void Chunks_swapped_repeated_or_left_out_are_refused()
    {
        var clear = RandomNumberGenerator.GetBytes(4 * SmallChunk);
        var container = Seal(clear);

        for (var a = 0; a < 4; a++)
        {
            for (var b = 0; b < 4; b++)
            {
                if (a != b)
                {
                    var swapped = (byte[])container.Clone();
                    ChunkOf(container, a).CopyTo(ChunkOf(swapped, b));
                    Assert.Null(Open(swapped));
                    ChunkOf(container, b).CopyTo(ChunkOf(swapped, a));
                    Assert.Null(Open(swapped));
                }
            }

            Assert.Null(Open([.. container[..Start(a)], .. container[Start(a + 1)..]]));
        }
    }

    [Fact]
    public void A_chunk_or_header_of_another_file_and_an_old_version_are_refused()
    {
        var other = EvidenceId.New();
        var otherKey = RandomNumberGenerator.GetBytes(32);
        var clear = RandomNumberGenerator.GetBytes(3 * SmallChunk);
        var container = Seal(clear);
        byte[][] strangers =
        [
            Seal(clear, dataKey: otherKey), Seal(clear, id: other), Seal(clear, id: other, dataKey: otherKey),
            Seal(clear, purpose: SealedPurpose.Facts),
        ];

        foreach (var stranger in strangers)
        {
            Assert.Null(Open(stranger));
            Assert.Null(Open([.. stranger[..SealedHeader.SizeBytes], .. container[SealedHeader.SizeBytes..]]));
            for (var chunk = 0; chunk < 3; chunk++)
            {
                var mixed = (byte[])container.Clone();
                ChunkOf(stranger, chunk).CopyTo(ChunkOf(mixed, chunk));
                Assert.Null(Open(mixed));
            }
        }
    }

    [Fact]
    public void A_container_that_is_not_the_recorded_one_is_refused_even_under_the_same_key()
    {
        var container = Seal([1, 2, 3]);
        var recorded = Seal([1, 2, 3], dataKey: RandomNumberGenerator.GetBytes(32))[..SealedHeader.SizeBytes];

        Assert.NotNull(Open(container));
        Assert.Null(Open(container, recorded));
    }

    [Fact]
    public async Task No_byte_of_a_chunk_is_given_before_the_chunk_is_proven()
    {
        var container = Seal(RandomNumberGenerator.GetBytes(3 * SmallChunk));
        container[Start(2) + 7] ^= 1;
        using var source = new MemoryStream(container);
        using var reader = await SealedReader.OpenAsync(source, DataKey, Id, SealedPurpose.Original, header: null, default);

        Assert.True(await reader.ReadAsync(default));
        Assert.True(await reader.ReadAsync(default));
        var refusal = await Assert.ThrowsAsync<EvidenceDamagedException>(async () => await reader.ReadAsync(default));

        Assert.Equal(0, reader.Chunk.Length);
        Assert.Contains("chunk 3", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("verify", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_at_all_end_in_a_refusal_and_never_in_a_fault() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Bool).Sample(
            (bytes, hasHeader) => Open(hasHeader ? [.. Seal([])[..SealedHeader.SizeBytes], .. bytes] : bytes) is null,
            iter: 2000);

    private static Span<byte> ChunkOf(byte[] container, int chunk) =>
        container.AsSpan(Start(chunk), SmallChunk + ChunkCipher.TagBytes);

    private static int Start(int chunk) => SealedHeader.SizeBytes + (chunk * (SmallChunk + ChunkCipher.TagBytes));

    private static SealedWriter NewWriter(Stream container, SealedPurpose purpose, byte[] dataKey, EvidenceId? id = null) =>
        new(container, new SealedHeader(id ?? Id, purpose, SmallChunk), dataKey);

    private static byte[] Seal(
        byte[] clear, SealedPurpose purpose = SealedPurpose.Original, byte[]? dataKey = null, EvidenceId? id = null)
    {
        using var container = new MemoryStream();
        using var writer = NewWriter(container, purpose, dataKey ?? DataKey, id);
        writer.Write(clear);
        writer.Complete();
        return container.ToArray();
    }

    /// <summary>Null when it is refused. A memory stream never waits, so neither does this.</summary>
    private static byte[]? Open(byte[] container, byte[]? header = null)
    {
        try
        {
            return OpenAsync(container, header).GetAwaiter().GetResult();
        }
        catch (EvidenceDamagedException)
        {
            return null;
        }
    }

    private static async Task<byte[]> OpenAsync(byte[] container, byte[]? header)
    {
        using var source = new MemoryStream(container);
        using var reader = await SealedReader.OpenAsync(source, DataKey, Id, SealedPurpose.Original, header, default);
        using var clear = new MemoryStream();
        while (await reader.ReadAsync(default))
        {
            clear.Write(reader.Chunk.Span);
        }

        return clear.ToArray();
    }
}
