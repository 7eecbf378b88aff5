using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Palisade.Keys;
using Palisade.Server.Options;

namespace Palisade.Server.Cli.Sealing;

/// <summary>
/// Where a verb gets the operator's secret from: a command, the terminal without echo, or standard input. Never from an
/// argument, which every user of the machine could read.
/// </summary>
internal sealed class SecretInput
{
    /// <summary>Of the demo and of trials: a key that protects nothing, beside what it does not protect.</summary>
    public const string UnsafeFileName = "unsafe-development.key";

    private const int LongestLine = 1024;

    private readonly Option<string?> _command = new("--unseal-with")
    {
        Description = "A command that prints the operator's key or passphrase, instead of asking for it [default: the setting keys.unsealWith]",
        HelpName = "COMMAND",
    };

    public static SecretInput AddTo(Command verb)
    {
        var input = new SecretInput();
        verb.Add(input._command);
        return input;
    }

    /// <summary>Asks for what opens the present operator's key.</summary>
    /// <returns>Null, having said why, when nothing was given.</returns>
    public async Task<OperatorSecret?> ReadAsync(
        ParseResult parsed, PalisadeOptions options, SealingKeys keys, Terminal terminal, CancellationToken cancellationToken) =>
        await ReadAsync(parsed, options, await keys.OperatorKeyNeedsAsync(cancellationToken), terminal, cancellationToken);

    /// <param name="key">What opens the operator's key; null when there is none.</param>
    public async Task<OperatorSecret?> ReadAsync(
        ParseResult parsed, PalisadeOptions options, (OperatorKeyKind Kind, string Needs)? key, Terminal terminal, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            terminal.Complain("There is no sealing key yet. Make one with `palisade key init`.");
            return null;
        }

        return await ReadAsync(parsed.GetValue(_command) ?? options.Keys.UnsealWith, options.Data, key.Value, terminal, cancellationToken);
    }

    private static async Task<OperatorSecret?> ReadAsync(
        string? command, string folder, (OperatorKeyKind Kind, string Needs) key, Terminal terminal, CancellationToken cancellationToken)
    {
        switch (key.Kind)
        {
            case OperatorKeyKind.UnsafeDevelopmentFile:
                return OperatorSecret.UnsafeDevelopmentFile(await File.ReadAllBytesAsync(Path.Combine(folder, UnsafeFileName), cancellationToken));

            case OperatorKeyKind.Shares:
                return OperatorSecret.Shares(ReadShares(key.Needs, terminal));

            case OperatorKeyKind.Command when command is null:
                terminal.Complain("This key is opened by the operator's command: name it with --unseal-with or in the setting keys.unsealWith.");
                return null;

            default:
                return command is null
                    ? ReadPassphrase("Passphrase: ", terminal)
                    : await FromCommandAsync(command, key.Kind, cancellationToken);
        }
    }

    /// <summary>Runs the command and takes its output as a key of that kind.</summary>
    public static async Task<OperatorSecret> FromCommandAsync(string command, OperatorKeyKind kind, CancellationToken cancellationToken)
    {
        var output = await OperatorCommand.RunAsync(command, cancellationToken);
        try
        {
            var key = output.AsSpan().TrimEnd("\r\n"u8);
            return kind == OperatorKeyKind.Passphrase ? OperatorSecret.Passphrase(key) : OperatorSecret.CommandOutput(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(output);
        }
    }

    /// <summary>Asks twice on a terminal; takes one line from standard input elsewhere.</summary>
    /// <returns>Null, having said so, when the two differ.</returns>
    public static OperatorSecret? ReadNewPassphrase(string question, Terminal terminal)
    {
        var first = ReadPassphrase(question, terminal);
        if (Console.IsInputRedirected || first.IsEmpty)
        {
            return first;
        }

        using var second = ReadPassphrase("Once more: ", terminal);
        if (first.Equals(second))
        {
            return first;
        }

        first.Dispose();
        terminal.Complain("The two were not the same. Nothing was changed.");
        return null;
    }

    private static OperatorSecret ReadPassphrase(string question, Terminal terminal)
    {
        var line = ReadLine(question, terminal);
        try
        {
            return OperatorSecret.Passphrase(line.Span);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line.Span);
        }
    }

    private static List<string> ReadShares(string needs, Terminal terminal)
    {
        var shares = new List<string>();
        if (!Console.IsInputRedirected)
        {
            terminal.Error.WriteLine($"{needs} are needed. One a line; an empty line ends.");
        }

        while (ReadLine($"Share {shares.Count + 1}: ", terminal) is { Length: > 0 } line)
        {
            shares.Add(Encoding.UTF8.GetString(line.Span));
            CryptographicOperations.ZeroMemory(line.Span);
        }

        return shares;
    }

    private static Memory<byte> ReadLine(string question, Terminal terminal)
    {
        if (Console.IsInputRedirected)
        {
            return ReadRedirectedLine();
        }

        terminal.Error.Write(question);
        var signs = new char[LongestLine];
        var length = 0;
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                length = Math.Max(0, length - 1);
            }
            else if (!char.IsControl(key.KeyChar) && length < signs.Length)
            {
                signs[length++] = key.KeyChar;
            }
        }

        terminal.Error.WriteLine();
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(length)];
        var written = Encoding.UTF8.GetBytes(signs.AsSpan(0, length), bytes);
        Array.Clear(signs);
        return bytes.AsMemory(0, written);
    }

    /// <summary>Byte by byte, so that what follows the line stays for the next question.</summary>
    private static Memory<byte> ReadRedirectedLine()
    {
        using var input = Console.OpenStandardInput();
        var line = new byte[LongestLine];
        var length = 0;
        while (length < line.Length && input.ReadByte() is >= 0 and not '\n' and var next)
        {
            line[length++] = (byte)next;
        }

        return line.AsMemory(0, length > 0 && line[length - 1] == '\r' ? length - 1 : length);
    }
}
