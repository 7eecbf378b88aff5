using System.CommandLine;

namespace Palisade.Server.Cli;

/// <summary>The options that say which data folder a verb works on.</summary>
internal sealed class DataOptions
{
    public Option<string?> Data { get; } = new("--data")
    {
        Description = "The data folder [default: ./palisade-data, or PALISADE__DATA]",
        HelpName = "FOLDER",
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "A settings file instead of palisade.json in the data folder",
        HelpName = "FILE",
    };

    public static DataOptions AddTo(Command verb)
    {
        var options = new DataOptions();
        verb.Add(options.Data);
        verb.Add(options.Config);
        return options;
    }
}
