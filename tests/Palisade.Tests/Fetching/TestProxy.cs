using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Palisade.Tests.Fetching;

/// <summary>A proxy for one connection: notes what it was asked for and leads it to the picture host.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<string> _firstLine = new();
    private readonly Task _serving;

    public TestProxy(IPEndPoint host)
    {
        _listener.Start();
        _serving = ServeAsync(host);
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public Task<string> FirstLine => _firstLine.Task;

    public async ValueTask DisposeAsync()
    {
        await _serving;
        _listener.Dispose();
    }

    private async Task ServeAsync(IPEndPoint host)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        var near = client.GetStream();
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await near.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        _firstLine.SetResult(head.ToString().Split("\r\n")[0]);
        await near.WriteAsync("HTTP/1.1 200 Connected\r\n\r\n"u8.ToArray());
        using var beyond = new TcpClient();
        await beyond.ConnectAsync(host);
        await Task.WhenAny(near.CopyToAsync(beyond.GetStream()), beyond.GetStream().CopyToAsync(near));
    }
}
