using System.Net;
using System.Net.Sockets;

namespace Palisade.Tests.Fetching;

/// <summary>Listens on every address of this machine, both families, and counts who comes.</summary>
internal sealed class Canary : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
    private int _visitors;

    public Canary() => _listener.Start(backlog: 512);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>
    /// Accepts everybody who is waiting. Connections wait in order, so one of our own, made last, marks the end.
    /// </summary>
    public async Task<int> CountVisitorsAsync()
    {
        using var last = new TcpClient(AddressFamily.InterNetwork);
        await last.ConnectAsync(IPAddress.Loopback, Port);
        while (true)
        {
            using var visitor = await _listener.AcceptTcpClientAsync();
            if (((IPEndPoint)visitor.Client.RemoteEndPoint!).Port == ((IPEndPoint)last.Client.LocalEndPoint!).Port)
            {
                return _visitors;
            }

            _visitors++;
        }
    }

    public void Dispose() => _listener.Dispose();
}
