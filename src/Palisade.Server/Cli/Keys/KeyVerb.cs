using System.CommandLine;

namespace Palisade.Server.Cli.Keys;

/// <summary><c>palisade key</c>: the keys with which programs call the service, and those with which evidence is sealed.</summary>
internal static class KeyVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "key",
        "Manage the API keys with which programs call the service (create, list, revoke) and the sealing keys of evidence (the others).",
        "palisade key create --name \"upload server\" --scope scan",
        "palisade key init")
    {
        KeyCreateVerb.Create(terminal),
        KeyListVerb.Create(terminal),
        KeyRevokeVerb.Create(terminal),
        KeyInitVerb.Create(terminal),
        KeyShowVerb.Create(terminal),
        KeyRotateVerb.Create(terminal),
        KeyOperatorVerb.Create(terminal),
        KeyRecoverVerb.Create(terminal),
    };
}
