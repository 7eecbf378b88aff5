using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;

namespace Palisade.Server.Cli.Keys;

/// <summary>The options by which an operator says what shall open his key from now on, and how it is made.</summary>
internal sealed class OperatorKeyChoice
{
    private readonly Option<string?> _shares = new("--shares")
    {
        Description = "Split it among officers: any K of N texts open it, such as 3/5; they are printed once",
        HelpName = "K/N",
    };

    private readonly Option<bool> _unsafe = new("--unsafe-development-file")
    {
        Description = "On one's own machine: a file beside the data opens it, which protects nothing",
    };

    private readonly Option<string?> _command;

    /// <param name="commandOption">Name of the option for a command that prints the new key.</param>
    public OperatorKeyChoice(string commandOption = "--unseal-with") => _command = new Option<string?>(commandOption)
    {
        Description = "Open it by what this command prints, such as a key service's client; works unattended",
        HelpName = "COMMAND",
    };

    public void AddTo(Command verb)
    {
        verb.Add(_shares);
        verb.Add(_command);
        verb.Add(_unsafe);
    }

    /// <summary>Gets or makes the new secret and hands it to the ceremony.</summary>
    /// <param name="done">What to say at the end.</param>
    public async Task<int> MakeAsync(
        ParseResult parsed,
        string folder,
        Terminal terminal,
        Func<OperatorSecret, Task<string?>> make,
        Func<int, int, Task<(IReadOnlyList<string> Shares, string? Refusal)>> makeShares,
        string done,
        CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_shares) is { } wish)
        {
            return await MakeSharesAsync(wish, makeShares, done, terminal);
        }

        using var secret = parsed.GetValue(_command) is { } command
            ? await SecretInput.FromCommandAsync(command, OperatorKeyKind.Command, cancellationToken)
            : parsed.GetValue(_unsafe) ? NewDevelopmentFile(folder)
            : SecretInput.ReadNewPassphrase("New passphrase, at least 12 bytes, better six random words: ", terminal);
        if (secret is null)
        {
            return ExitCode.Error;
        }

        if (await make(secret) is { } refusal)
        {
            terminal.Complain(refusal);
            return ExitCode.Error;
        }

        terminal.Out.WriteLine(done);
        if (secret.Kind == OperatorKeyKind.Passphrase)
        {
            terminal.Out.WriteLine("Keep the passphrase where it outlives its owner: without it no evidence can ever be opened.");
        }

        return ExitCode.Ok;
    }

    /// <summary>The file from which the demo and trials open their key; made when it is not there.</summary>
    public static OperatorSecret NewDevelopmentFile(string folder)
    {
        var path = Path.Combine(folder, SecretInput.UnsafeFileName);
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            file.Write(RandomNumberGenerator.GetBytes(32));
            file.Flush(flushToDisk: true);
        }

        return OperatorSecret.UnsafeDevelopmentFile(File.ReadAllBytes(path));
    }

    private static async Task<int> MakeSharesAsync(
        string wish,
        Func<int, int, Task<(IReadOnlyList<string> Shares, string? Refusal)>> makeShares,
        string done,
        Terminal terminal)
    {
        var parts = wish.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var threshold) ||
            !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ||
            threshold < 2 || count < threshold || count > 32)
        {
            terminal.Complain($"'{wish}' is no K/N. Write how many are needed and how many there are, such as 3/5: at least 2, at most 32.");
            return ExitCode.Error;
        }

        var (shares, refusal) = await makeShares(threshold, count);
        if (refusal is not null)
        {
            terminal.Complain(refusal);
            return ExitCode.Error;
        }

        // The shares alone on the results' side. Each is for another officer; nothing keeps them.
        foreach (var share in shares)
        {
            terminal.Out.WriteLine(share);
        }

        terminal.Error.WriteLine($"One line for each officer, shown this once. Any {threshold} of the {count} open the key; fewer tell nothing.");
        terminal.Error.WriteLine(done);
        return ExitCode.Ok;
    }
}
