using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Banks;
using Palisade.Server.Options;

namespace Palisade.Server.Cli;

/// <summary>The options that say which data folder a verb works on, and how it is opened.</summary>
internal sealed class DataFolder
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "The data folder [default: ./palisade-data, or PALISADE__DATA]",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _config = new("--config")
    {
        Description = "A settings file instead of palisade.json in the data folder",
        HelpName = "FILE",
    };

    /// <summary>Whom the change log names for what is done from this command line.</summary>
    public static Actor Me => Actor.CommandLine(LoginAccount.Name);

    public static DataFolder AddTo(Command verb)
    {
        var folder = new DataFolder();
        verb.Add(folder._data);
        verb.Add(folder._config);
        return folder;
    }

    /// <param name="flags">Settings that the verb has flags of its own for.</param>
    public PalisadeOptions Read(ParseResult parsed, params (string Setting, string? Value)[] flags)
    {
        var settings = flags.ToDictionary(flag => flag.Setting, flag => flag.Value, StringComparer.Ordinal);
        settings["data"] = parsed.GetValue(_data);
        return OptionsReading.Read(parsed.GetValue(_config), settings);
    }

    /// <summary>Opens the records; a folder that is not there yet is made.</summary>
    public Task<Installation> OpenAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        Installation.OpenAsync(Read(parsed), TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);

    /// <summary>Opens a folder for scanning; without one there is nothing to compare with, and an answer would mislead.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public async Task<Installation> OpenForScanningAsync(ParseResult parsed, int files, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        if (!Directory.Exists(options.Data))
        {
            throw new DirectoryNotFoundException(
                $"There is no data folder {Path.GetFullPath(options.Data)}, so there is nothing to compare with. " +
                "Begin a bank with `palisade bank create`, or name another folder with --data.");
        }

        options = options with
        {
            Decoder = options.Decoder with { Workers = Math.Clamp(files, 1, options.Decoder.Workers) },
        };
        var installation = await Installation.OpenAsync(
            options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        try
        {
            await installation.StartScanningAsync(cancellationToken);
            return installation;
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>The bank of that name; null, having said so, when there is none.</summary>
    public static async Task<Bank?> FindBankAsync(
        Installation installation, string name, Terminal terminal, CancellationToken cancellationToken)
    {
        var bank = await installation.Banks.FindAsync(name, cancellationToken);
        if (bank is null)
        {
            terminal.Complain($"There is no bank '{name}'. `palisade bank list` shows those that exist.");
        }

        return bank;
    }
}
