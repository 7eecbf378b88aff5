using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoding;
using Palisade.Testing;

[assembly: AssemblyFixture(typeof(Palisade.Decoder.Tests.PoolFixture))]

namespace Palisade.Decoder.Tests;

/// <summary>One pool in the sandbox of this system, shared by all tests that leave it as they found it.</summary>
public sealed class PoolFixture : IAsyncLifetime
{
    public DecoderPool Pool { get; } = New(Options);

    public static DecoderOptions Options { get; } = new() { ProgramFolder = DecoderProgram.Folder, Workers = 2, QueueLength = 256 };

    public static DecoderPool New(DecoderOptions options) =>
        new(options, TimeProvider.System, NullLogger<DecoderPool>.Instance);

    public async ValueTask InitializeAsync() => await Pool.StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => Pool.DisposeAsync();
}
