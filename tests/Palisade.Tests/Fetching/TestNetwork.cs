using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Palisade.Banks.Fetching;

namespace Palisade.Tests.Fetching;

/// <summary>
/// A network whose names answer as a test says. One public address stands for the picture host; every other
/// connection is really made, so that a canary would notice.
/// </summary>
internal sealed class TestNetwork(PictureHost host)
{
    public static readonly IPAddress PublicHost = IPAddress.Parse("93.184.215.14");

    private readonly ConcurrentDictionary<string, ConcurrentQueue<IPAddress[]>> _answers = new(StringComparer.Ordinal);

    public ConcurrentQueue<IPEndPoint> Connections { get; } = [];

    public ConcurrentQueue<string> Lookups { get; } = [];

    public FetchNetwork ToFetchNetwork() => new() { Resolve = ResolveAsync, Connect = ConnectAsync, Tls = host.Tls };

    /// <summary>What a name answers, in turn; the last answer stays.</summary>
    public void Answer(string name, params IPAddress[][] answers) => _answers[name] = new(answers);

    private Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        Lookups.Enqueue(name);
        if (_answers.TryGetValue(name, out var answers))
        {
            answers.TryPeek(out var answer);
            if (answers.Count > 1)
            {
                answers.TryDequeue(out _);
            }

            return Task.FromResult(answer!);
        }

        // A name that no test has set up and that is not the host's own leads to the worst place there is.
        return Task.FromResult<IPAddress[]>(
            [name.EndsWith("pictures.test", StringComparison.Ordinal) ? PublicHost : IPAddress.Loopback]);
    }

    private async Task<Stream> ConnectAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        Connections.Enqueue(target);
        var client = new TcpClient();
        await client.ConnectAsync(target.Address.Equals(PublicHost) ? host.Address : target, cancellationToken);
        return client.GetStream();
    }
}
