using System.Net;
using System.Net.Sockets;
using System.Text;
using Palisade.Keys;

namespace Palisade.Server.Tests.Api;

/// <summary>Counts what a scan allocates in the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

[Collection(typeof(Alone))]
public sealed class ScanCostTests
{
    /// <summary>
    /// What the web server and our own answer take for one call. A copy of the upload, or of any large part of it, would
    /// be many times as much.
    /// </summary>
    private const int MostBytesPerScan = 16 << 10;

    private const int Scans = 200;

    [Fact]
    public async Task A_clean_scan_allocates_next_to_nothing_however_large_the_picture()
    {
        await using var service = await RunningService.StartAsync(isLogged: false);
        var picture = await service.EncodeAsync(Drawing.Of(1, 1152, 864), quality: 100);
        var call = CallOf(picture, service.Address, await service.KeyAsync([ApiScopes.Scan]));
        using var caller = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await caller.ConnectAsync(IPAddress.Loopback, service.Address.Port);
        var answer = new byte[4096];
        ScanOften(caller, call, answer);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        ScanOften(caller, call, answer);
        var perScan = (GC.GetTotalAllocatedBytes(precise: true) - before) / Scans;

        Assert.True(picture.Length > 4 * MostBytesPerScan, $"The picture has only {picture.Length} bytes.");
        Assert.True(perScan < MostBytesPerScan, $"A scan of {picture.Length} bytes allocated {perScan} bytes.");
    }

    /// <summary>Waits on this thread and with buffers made before, so that the caller's side allocates nothing.</summary>
    private static void ScanOften(Socket caller, byte[] call, byte[] answer)
    {
        for (var scan = 0; scan < Scans; scan++)
        {
            for (var sent = 0; sent < call.Length; sent += caller.Send(call.AsSpan(sent)))
            {
            }

            var length = 0;
            do
            {
                var read = caller.Receive(answer.AsSpan(length));
                Assert.True(read > 0);
                length += read;
            }
            while (answer.AsSpan(0, length).IndexOf("\"verdict\":\"allow\"}"u8) < 0);
        }
    }

    private static byte[] CallOf(byte[] picture, Uri address, string key)
    {
        var form = new MemoryStream();
        form.Write("--b\r\nContent-Disposition: form-data; name=\"service\"\r\n\r\navatars\r\n"u8);
        form.Write("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"upload\"\r\n\r\n"u8);
        form.Write(picture);
        form.Write("\r\n--b--\r\n"u8);
        var head = Encoding.ASCII.GetBytes(
            $"POST /v1/scan HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\n" +
            $"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {form.Length}\r\n\r\n");
        return [.. head, .. form.ToArray()];
    }
}
