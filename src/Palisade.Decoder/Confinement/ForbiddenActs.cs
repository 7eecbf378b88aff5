using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace Palisade.Decoder.Confinement;

/// <summary>
/// The sixteen acts that a worker must not be able to do, tried for real. Each prints a line: its name, and whether it
/// was refused or allowed.
/// </summary>
/// <remarks>
/// Started by tests and by nobody else. Acts run on a thread-pool thread, because a confinement that binds only the
/// first thread is none. What an act may touch is named by the caller: process, port, key file and a new file's name.
/// </remarks>
internal static class ForbiddenActs
{
    private const int Fork = 57;
    private const int Execve = 59;
    private const int Kill = 62;
    private const int Trace = 101;
    private const int Exit = 231;
    private const int Wait = 61;
    private const int TraceSeize = 0x4206;

    /// <param name="target">process:port:key file:file to make.</param>
    public static Task<int> TryAllAsync(string target) => Task.Run(() =>
    {
        var parts = target.Split(':');
        var process = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var port = int.Parse(parts[1], CultureInfo.InvariantCulture);

        Try("open a socket", () => Connect(port));
        Try("resolve a name", () => Dns.GetHostAddresses("localhost").Length > 0);
        Try("open /etc/passwd", () => CanRead("/etc/passwd"));
        Try("open /etc/shadow", () => CanRead("/etc/shadow"));
        Try("open the first process's command line", () => CanRead("/proc/1/cmdline") && IsNamespaceShared(process));
        Try("open the service's command line", () => CanRead($"/proc/{process}/cmdline"));
        Try("open the key file", () => CanRead(parts[2]));
        Try("open the home folder", () => Directory.EnumerateFileSystemEntries("/root").Count() >= 0);
        Try("list the service's memory", () => CanRead($"/proc/{process}/maps"));
        Try("read the service's environment", () => CanRead($"/proc/{process}/environ"));
        Try("write outside", () => CanWrite(parts[3]));
        Try("raise a limit", RaiseLimit);
        Try("signal the service", () => Kernel.Call(Kill, process) == 0);
        Try("trace the service", () => Kernel.Call(Trace, TraceSeize, process) == 0);
        Try("fork", ForkOnce);

        // Last, because where it succeeds there is nobody left to tell: /bin/echo then says so itself.
        Try("execute", () => ExecuteEcho("execute=allowed"));
        return 0;
    });

    private static void Try(string act, Func<bool> attempt)
    {
        bool isDone;
        try
        {
            isDone = attempt();
        }
        catch (Exception)
        {
            isDone = false;
        }

        Console.Out.WriteLine($"{act}={(isDone ? "allowed" : "refused")}");
        Console.Out.Flush();
    }

    /// <summary>IPv4 loopback, by the kernel's own calls: the class library gives up for reasons of its own.</summary>
    private static unsafe bool Connect(int port)
    {
        const int socket = 41, connect = 42, internet = 2, stream = 1;
        var descriptor = (int)Kernel.Call(socket, internet, stream);
        if (descriptor < 0)
        {
            return false;
        }

        var address = stackalloc byte[16] { internet, 0, (byte)(port >> 8), (byte)port, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };
        var isConnected = Kernel.Call(connect, descriptor, (nint)address, 16) == 0;
        Kernel.Close(descriptor);
        return isConnected;
    }

    private static bool CanRead(string path)
    {
        var descriptor = Kernel.Open(path, 0);
        if (descriptor < 0)
        {
            return false;
        }

        Kernel.Close(descriptor);
        return true;
    }

    /// <summary>In a process namespace of one's own, process 1 is one's own too and holds nobody's secret.</summary>
    private static bool IsNamespaceShared(int process) => Directory.Exists($"/proc/{process}");

    private static bool CanWrite(string path)
    {
        using (var file = File.Create(path))
        {
            file.WriteByte(1);
        }

        return new FileInfo(path).Length == 1;
    }

    /// <summary>Soft limits may be raised to the hard one, and only privilege raises that.</summary>
    private static bool RaiseLimit()
    {
        const int coreSize = 4;
        Kernel.GetLimit(coreSize, out var now);
        var hard = now.Soft < now.Hard ? now.Hard : now.Hard + 1;
        return Kernel.SetLimit(coreSize, new Kernel.ResourceLimit { Soft = hard, Hard = hard }) == 0;
    }

    private static bool ForkOnce()
    {
        var child = Kernel.Call(Fork);
        if (child == 0)
        {
            Kernel.Call(Exit);
        }

        return child > 0 && Kernel.Call(Wait, (nint)child) == child;
    }

    private static unsafe bool ExecuteEcho(string text)
    {
        fixed (byte* program = "/bin/echo\0"u8)
        fixed (byte* argument = Encoding.ASCII.GetBytes(text + "\0"))
        {
            var arguments = stackalloc byte*[] { program, argument, null };
            var environment = stackalloc byte*[] { null };
            return Kernel.Call(Execve, (nint)program, (nint)arguments, (nint)environment) == 0;
        }
    }
}
