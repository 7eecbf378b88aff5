using System.Text.Json;
using Palisade.Signals.Bench;

// signals-bench pdq|search|digest [--size WxH] [--count N] [--clustered] [--peer PATH] [--plot FILE]
// Prints one JSON object a row.
var options = Options.Parse(args);
var rows = options.Bench switch
{
    "pdq" => PdqBench.Run(options),
    "search" => SearchBench.Run(options),
    "digest" => DigestBench.Run(options),
    _ => throw new ArgumentException($"There is no bench {options.Bench}: pdq, search or digest."),
};

foreach (var row in rows)
{
    Console.WriteLine(JsonSerializer.Serialize(row));
}
