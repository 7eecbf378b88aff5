using System.CommandLine;

namespace Palisade.Server.Cli.Keys;

/// <summary><c>palisade key</c>: the keys with which programs call the service.</summary>
internal static class KeyVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "key",
        "Manage the API keys with which programs call the service.",
        "palisade key create --name \"upload server\" --scope scan")
    {
        KeyCreateVerb.Create(terminal),
        KeyListVerb.Create(terminal),
        KeyRevokeVerb.Create(terminal),
    };
}
