using Microsoft.Extensions.Logging.Console;

namespace Palisade.Server.Cli;

/// <summary>Log lines of a running service: one line each, in UTC, on the error side.</summary>
internal static class LogLines
{
    public static void AddTo(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);

        // What the framework says of every request and of its own start is noise here.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddSimpleConsole(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = "yyyy-MM-dd HH:mm:ss'Z' ";
            line.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
