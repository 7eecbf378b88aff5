using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoder.Contract;
using Palisade.Decoding;

namespace Palisade.Decoder.Tests;

/// <summary>
/// A worker program that says hello as a real one does and then, once, answers what the test wants; after that it is
/// the same again. A shell script, so that nothing in the real worker can misbehave on request.
/// </summary>
internal sealed class FakeWorker : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("palisade-fake-worker-");

    /// <param name="script">Shell lines run after the hello; the answer's bytes are in <c>$folder/answer</c>.</param>
    public FakeWorker(string script, byte[] answer)
    {
        var hello = new Hello(SandboxLayers.None, 0, 0, 0, 0x7E).ToBytes();
        File.WriteAllBytes(Path.Combine(_folder.FullName, "hello"), Message(MessageKind.Hello, 0, hello));
        File.WriteAllBytes(Path.Combine(_folder.FullName, "answer"), answer);
        var program = Path.Combine(_folder.FullName, "palisade-decoder");
        File.WriteAllText(program, $"#!/bin/sh\nfolder={_folder.FullName}\n/bin/cat $folder/hello\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public static byte[] Message(MessageKind kind, ulong request, byte[] body)
    {
        var message = new byte[MessageHeader.Size + body.Length];
        new MessageHeader(kind, request, body.Length).WriteTo(message);
        body.CopyTo(message, MessageHeader.Size);
        return message;
    }

    public async Task<DecoderPool> StartPoolAsync(
        TimeProvider clock, int queueLength = 64, Func<DecoderOptions, DecoderOptions>? change = null)
    {
        var options = new DecoderOptions
        {
            ProgramFolder = _folder.FullName,
            Workers = 1,
            QueueLength = queueLength,
            Layers = SandboxLayers.None,
            Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles,
            MaxWallTime = TimeSpan.FromSeconds(2),
        };
        var pool = new DecoderPool(change?.Invoke(options) ?? options, clock, NullLogger<DecoderPool>.Instance);
        await pool.StartAsync(TestContext.Current.CancellationToken);
        return pool;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
