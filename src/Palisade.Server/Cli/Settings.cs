using System.CommandLine;
using Palisade.Storage;

namespace Palisade.Server.Cli;

internal sealed record Settings(StoreOptions Store)
{
    public static Task<Settings> ReadAsync(ParseResult parsed, DataOptions options, CancellationToken cancellationToken) => throw new NotSupportedException();
}
