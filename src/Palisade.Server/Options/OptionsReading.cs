namespace Palisade.Server.Options;

/// <summary>The settings cannot be used; the message lists everything that has to be changed.</summary>
public sealed class OptionsException(IReadOnlyList<string> faults)
    : Exception("The settings need changes:" + string.Concat(faults.Select(fault => $"{Environment.NewLine}  {fault}")))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}

/// <summary>Reads the settings from their three sources.</summary>
public static class OptionsReading
{
    public const string FileName = "palisade.json";

    private const string EnvironmentPrefix = "PALISADE__";

    /// <param name="configFile">As named by --config; null means palisade.json in the data folder, where there is one.</param>
    /// <param name="flags">By setting, such as <c>data</c> or <c>listen:url</c>.</param>
    /// <exception cref="OptionsException">Something has to be changed.</exception>
    public static PalisadeOptions Read(string? configFile, IReadOnlyDictionary<string, string?> flags)
    {
        var options = Bind(configFile, flags);
        return options.Faults() is { Count: > 0 } faults ? throw new OptionsException(faults) : options;
    }

    private static PalisadeOptions Bind(string? configFile, IReadOnlyDictionary<string, string?> flags)
    {
        var given = flags.Where(flag => flag.Value is not null);
        var withoutFile = new ConfigurationBuilder()
            .AddEnvironmentVariables(EnvironmentPrefix)
            .AddInMemoryCollection(given)
            .Build();
        var data = withoutFile["data"] ?? PalisadeOptions.DefaultData;
        var file = Path.GetFullPath(configFile ?? Path.Combine(data, FileName));
        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(file, optional: configFile is null)
                .AddEnvironmentVariables(EnvironmentPrefix)
                .AddInMemoryCollection(given)
                .Build()
                .Get<PalisadeOptions>(binding => binding.ErrorOnUnknownConfiguration = true) ?? new PalisadeOptions();
        }
        catch (FileNotFoundException)
        {
            throw new OptionsException([$"There is no settings file {file}. Name another with --config, or leave --config out."]);
        }
        catch (InvalidDataException exception)
        {
            throw new OptionsException([$"{file} is not JSON. {exception.InnerException?.Message}"]);
        }
        catch (InvalidOperationException exception)
        {
            // Names the setting and, where it is a value's fault, the kind of value that is wanted.
            throw new OptionsException([exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message]);
        }
    }
}
