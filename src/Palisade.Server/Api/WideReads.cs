using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Palisade.Server.Api;

/// <summary>
/// Lets a connection be read 32 KiB at a time, where the web server's own way is 4 KiB: a picture comes in some eight
/// reads and not sixty.
/// </summary>
/// <remarks>An idle connection holds no such block: one is taken when there is something to read.</remarks>
internal sealed class WideReads : IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 32 << 10;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Blocks();

    private sealed class Blocks : MemoryPool<byte>
    {
        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockBytes));

        protected override void Dispose(bool disposing)
        {
        }
    }
}
