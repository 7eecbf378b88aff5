using Palisade.Evidence;

namespace Palisade.Tests.Evidence;

public sealed class FlatMemoryTests
{
    private const long GiB = 1L << 30;

    private static readonly byte[] DataKey = new byte[32];
    private static readonly SealedHeader Header = new(EvidenceId.New(), SealedPurpose.Original, SealedHeader.UsualChunkBytes);

    /// <summary>
    /// Counted on this thread, which a memory stream never leaves. A chunk or two and what the framework makes for each call;
    /// a copy of the content would be a thousand times as much.
    /// </summary>
    [Fact]
    public async Task A_gibibyte_is_sealed_and_opened_with_the_memory_of_a_few_chunks()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var source = new SealingSource(GiB);
        using var reader = await SealedReader.OpenAsync(source, DataKey, Header.Id, Header.Purpose, header: null, default);
        var opened = 0L;
        while (await reader.ReadAsync(default))
        {
            opened += reader.Chunk.Length;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(GiB, opened);
        Assert.InRange(allocated, 1, 8L << 20);
    }

    /// <summary>Seals zeroes as they are asked for.</summary>
    private sealed class SealingSource : Stream
    {
        private readonly MemoryStream _made = new(2 * SealedHeader.UsualChunkBytes);
        private readonly byte[] _zeroes = new byte[SealedHeader.UsualChunkBytes];
        private readonly SealedWriter _writer;
        private long _left;
        private bool _isComplete;

        public SealingSource(long size)
        {
            _left = size;
            _writer = new SealedWriter(_made, Header, DataKey);
            _made.Position = 0;
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            while (_made.Position == _made.Length && !_isComplete)
            {
                _made.SetLength(0);
                if (_left == 0)
                {
                    _writer.Complete();
                    _isComplete = true;
                }
                else
                {
                    _writer.Write(_zeroes);
                    _left -= _zeroes.Length;
                }

                _made.Position = 0;
            }

            return _made.Read(buffer);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _writer.Dispose();
            _made.Dispose();
            base.Dispose(disposing);
        }
    }
}
