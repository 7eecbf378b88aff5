using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Server.Control;

/// <summary>
/// The way by which <c>palisade seal</c> and <c>unseal</c> reach the running service: a socket in the data folder.
/// </summary>
/// <remarks>
/// Not a route of the API: a passphrase then never crosses a network, a proxy or its log, and no key or scope can be stolen
/// that unseals. Only the service's own account (and root) may connect, which the kernel tells us beside the file's mode.
/// </remarks>
internal sealed class ControlSocket(Installation installation, ILogger<ControlSocket> logger) : BackgroundService
{
    public const string FileName = "control.sock";

    /// <summary>Longest a caller may take to say what he wants.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Numbers of Linux: SOL_SOCKET, SO_PEERCRED; the credentials are process, user and group, 4 bytes each.</summary>
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    public static string PathIn(string folder) => Path.Combine(Path.GetFullPath(folder), FileName);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = PathIn(installation.Options.Data);
        if (!await TryBindAsync(listener, path))
        {
            return;
        }

        try
        {
            while (true)
            {
                // One at a time: unsealing costs 256 MiB for a moment, and there is one operator.
                using var caller = await listener.AcceptAsync(stoppingToken);
                await ServeAsync(caller, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task<bool> TryBindAsync(Socket listener, string path)
    {
        try
        {
            if (File.Exists(path))
            {
                if (await ControlClient.IsAnsweredAsync(path))
                {
                    logger.LogWarning("Another service runs on this data folder, so palisade seal and unseal reach that one and not this");
                    return false;
                }

                File.Delete(path);
            }

            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            listener.Listen(backlog: 4);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            logger.LogError(exception, "The socket {Path} could not be made, so palisade seal and unseal cannot reach this service; a shorter data folder path may help", path);
            return false;
        }
    }

    private async Task ServeAsync(Socket caller, CancellationToken stoppingToken)
    {
        if (!IsOfOurAccount(caller))
        {
            logger.LogWarning("Another account tried to reach the control socket and was refused");
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(Patience);
        var buffer = GC.AllocateArray<byte>(ControlRequest.LongestBytes, pinned: true);
        try
        {
            await using var stream = new NetworkStream(caller);
            var length = await ReadLineAsync(stream, buffer, patience.Token);
            var request = JsonSerializer.Deserialize<ControlRequest>(buffer.AsSpan(0, length), ControlAnswer.Json);
            var answer = request is null ? Answer("The request was empty.") : await DoAsync(request, stoppingToken);
            await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ControlAnswer.Json), patience.Token);
        }
        catch (Exception exception) when (exception is IOException or JsonException or OperationCanceledException && !stoppingToken.IsCancellationRequested)
        {
            // Its text could quote the request, and the request holds a passphrase.
            logger.LogWarning("A request at the control socket was not understood or was broken off ({Kind})", exception.GetType().Name);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private async Task<ControlAnswer> DoAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        var actor = Actor.CommandLine(request.User);
        try
        {
            return Answer(request.Act switch
            {
                ControlRequest.Status => null,
                ControlRequest.Seal => await SealAsync(actor, request.Reason ?? "asked for"),
                ControlRequest.Unseal => await UnsealAsync(request, actor, cancellationToken),
                _ => "This service does not know that request; it is of another version than the command.",
            });
        }
        catch (Exception exception) when (exception is AuditUnavailableException or IOException or StoreUnusableException)
        {
            return Answer(exception.Message);
        }
    }

    private async Task<string?> SealAsync(Actor actor, string reason)
    {
        await installation.Sealing.SealAsync(actor, reason, CancellationToken.None);
        logger.LogInformation("Sealed: evidence is taken and none can be opened");
        return null;
    }

    private async Task<string?> UnsealAsync(ControlRequest request, Actor actor, CancellationToken cancellationToken)
    {
        using var secret = request.ToSecret();
        CryptographicOperations.ZeroMemory(request.Secret);
        if (secret is null)
        {
            return "The request names no kind of operator's key that this service knows.";
        }

        var refusal = await installation.Sealing.UnsealAsync(secret, actor, request.Reason ?? "asked for", cancellationToken);
        if (refusal is null)
        {
            logger.LogInformation("Unsealed: evidence can be opened");
        }
        else
        {
            logger.LogWarning("Unsealing was refused: {Refusal}", refusal);
        }

        return refusal;
    }

    private ControlAnswer Answer(string? refusal) => new(refusal, installation.Sealing.IsUnsealed, installation.Sealing.HoldsPrivates);

    private static async Task<int> ReadLineAsync(NetworkStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        var length = 0;
        while (length < buffer.Length && await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
        {
            length += read;
            if (buffer[length - 1] == (byte)'\n')
            {
                return length;
            }
        }

        throw new IOException("The request had no end.");
    }

    private static bool IsOfOurAccount(Socket caller)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> credentials = stackalloc byte[12];
        caller.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        var user = MemoryMarshal.Read<uint>(credentials[4..]);
        return user == 0 || user == EffectiveUser();
    }

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();
}
