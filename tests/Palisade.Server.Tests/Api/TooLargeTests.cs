using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Palisade.Client;
using Palisade.Keys;
using Palisade.Server.Api;

namespace Palisade.Server.Tests.Api;

public sealed class TooLargeTests : IAsyncLifetime
{
    private const int LimitBytes = 1 << 20;
    private const long UploadBytes = 200L << 20;

    private RunningService _service = null!;

    public async ValueTask InitializeAsync() => _service = await RunningService.StartAsync(options => options with
    {
        Limits = options.Limits with { MaxUploadBytes = LimitBytes },
    });

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_sender_of_200_MB_sees_the_refusal_however_it_sends(bool saysItsLength, bool asksLeave)
    {
        using var client = await _service.ClientAsync(ApiScopes.Scan);
        client.DefaultRequestHeaders.ExpectContinue = asksLeave;
        using var form = new MultipartFormDataContent { { new StringContent("avatars"), "service" } };
        form.Add(new LargeFile(saysItsLength), "file", "upload");

        var problem = await client.PostAsync("/v1/scan", form).ProblemAsync();

        Assert.Same(Problem.UploadTooLarge, problem);
        Assert.Equal(0, _service.App.Services.GetRequiredService<UploadAdmission>().BytesInFlight);
    }

    [Fact]
    public async Task It_is_refused_while_it_streams_and_not_after()
    {
        await using var stream = await SendHeadAsync("Transfer-Encoding: chunked");
        await WriteChunkAsync(stream, Encoding.ASCII.GetBytes(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"));
        await WriteChunkAsync(stream, new byte[LimitBytes + (128 << 10)]);

        Assert.Equal("HTTP/1.1 413", await ReadStatusAsync(stream));
        await WriteChunkAsync(stream, new byte[4 << 20]);
    }

    [Fact]
    public async Task A_length_above_the_limit_is_refused_before_the_first_byte_of_the_body()
    {
        await using var stream = await SendHeadAsync($"Content-Length: {UploadBytes}");

        Assert.Equal("HTTP/1.1 413", await ReadStatusAsync(stream));
    }

    [Fact]
    public async Task The_client_takes_it_for_a_refusal_sends_nothing_of_it_and_never_tries_again()
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var held = new HeldUploads(new PalisadeClient(
            http, new() { Address = _service.Address, ApiKey = await _service.KeyAsync([ApiScopes.Scan]) }));
        var (opened, bytesRead) = (0, 0L);
        var upload = Upload.FromStream(
            () =>
            {
                opened++;
                return new CountedStream(new byte[8 * LimitBytes], read => bytesRead += read);
            },
            "avatars",
            "c1");

        var outcome = await held.ScanWhenPossibleAsync(upload, TestContext.Current.CancellationToken);

        Assert.Equal("urn:palisade:problem:upload-too-large", Assert.IsType<HeldOutcome.Refused>(outcome).Problem.Type);
        Assert.Equal((1, 0L), (opened, bytesRead));
    }

    private async Task<NetworkStream> SendHeadAsync(string length)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _service.Address.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {await _service.KeyAsync([ApiScopes.Scan])}\r\n" +
            $"Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"));
        return stream;
    }

    private static async Task WriteChunkAsync(NetworkStream stream, byte[] bytes)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"));
        await stream.WriteAsync(bytes);
        await stream.WriteAsync("\r\n"u8.ToArray());
    }

    private static async Task<string> ReadStatusAsync(NetworkStream stream)
    {
        var status = new byte["HTTP/1.1 413".Length];
        await stream.ReadExactlyAsync(status);
        return Encoding.ASCII.GetString(status);
    }

    private sealed class LargeFile(bool saysItsLength) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var part = new byte[64 << 10];
            for (var written = 0L; written < UploadBytes; written += part.Length)
            {
                await stream.WriteAsync(part);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = UploadBytes;
            return saysItsLength;
        }
    }

    private sealed class CountedStream(byte[] bytes, Action<int> count) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            count(read);
            return read;
        }
    }
}
