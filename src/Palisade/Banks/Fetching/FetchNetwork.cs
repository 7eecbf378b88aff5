using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Palisade.Banks.Fetching;

/// <summary>The two acts by which fetching touches the network, and whom it trusts. Tests give others.</summary>
internal sealed record FetchNetwork
{
    /// <summary>Looks a name up.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } =
        (name, cancellationToken) => Dns.GetHostAddressesAsync(name, cancellationToken);

    /// <summary>Opens a TCP connection to one address.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = ConnectDirectlyAsync;

    /// <summary>Certificates are checked against the system's roots unless a test brings its own.</summary>
    public SslClientAuthenticationOptions Tls { get; init; } = new();

    /// <summary>Connects by way of the operator's proxy, to the very address that was checked.</summary>
    public static async Task<Stream> ConnectThroughAsync(
        Uri proxy, IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(proxy.DnsSafeHost, proxy.Port, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"), cancellationToken);
            var answer = await ReadHeadAsync(stream, cancellationToken);
            return answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)
                || answer.StartsWith("HTTP/1.0 200", StringComparison.Ordinal)
                ? stream
                : throw new IOException("The proxy refused the connection.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> ConnectDirectlyAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Byte by byte, since what follows the blank line belongs to TLS already.</summary>
    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new ArrayBufferWriter<byte>();
        while (head.WrittenCount < 8192)
        {
            await stream.ReadExactlyAsync(head.GetMemory(1)[..1], cancellationToken);
            head.Advance(1);
            if (head.WrittenSpan.EndsWith("\r\n\r\n"u8))
            {
                return Encoding.ASCII.GetString(head.WrittenSpan);
            }
        }

        throw new IOException("The proxy's answer has no end.");
    }
}
