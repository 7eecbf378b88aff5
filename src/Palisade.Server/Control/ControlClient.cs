using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace Palisade.Server.Control;

/// <summary>Asks the service that runs on a data folder.</summary>
internal static class ControlClient
{
    /// <returns>Null when no service runs there.</returns>
    public static async Task<ControlAnswer?> AskAsync(string folder, ControlRequest request, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (!await TryConnectAsync(socket, ControlSocket.PathIn(folder), cancellationToken))
        {
            return null;
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(request, ControlAnswer.Json);
        try
        {
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(bytes, cancellationToken);
            await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
            return await JsonSerializer.DeserializeAsync<ControlAnswer>(stream, ControlAnswer.Json, cancellationToken);
        }
        catch (JsonException broken)
        {
            throw new IOException("The service broke off without an answer. Its log says why.", broken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Whether somebody listens at a socket's path.</summary>
    public static async Task<bool> IsAnsweredAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return await TryConnectAsync(socket, path, CancellationToken.None);
    }

    private static async Task<bool> TryConnectAsync(Socket socket, string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
        catch (SocketException refused)
        {
            throw new IOException($"The service's socket {path} cannot be reached: {refused.Message}. Run this as the service's own account.", refused);
        }
    }
}
