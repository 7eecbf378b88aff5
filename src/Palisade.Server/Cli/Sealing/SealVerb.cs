using System.CommandLine;
using Palisade.Server.Control;

namespace Palisade.Server.Cli.Sealing;

/// <summary><c>palisade seal</c>: the running service forgets how to open evidence, at once.</summary>
internal static class SealVerb
{
    public static Command Create(Terminal terminal)
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the audit log", HelpName = "TEXT" };
        var verb = new Verb(
            "seal",
            "Let the running service forget the operator's key at once. It still takes and matches uploads and keeps evidence.",
            "palisade seal",
            "palisade seal --reason \"laptop lost\"")
        {
            ExitCodes = "0 sealed, 2 no service runs on this folder, or it could not note it",
        };
        verb.Add(reason);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = data.Read(parsed).Data;
            var request = UnsealVerb.Request(ControlRequest.Seal) with { Reason = parsed.GetValue(reason) };
            switch (await ControlClient.AskAsync(folder, request, cancellationToken))
            {
                case null:
                    return UnsealVerb.NobodyRuns(folder, terminal);

                case { Refusal: { } refusal, IsUnsealed: var isUnsealed }:
                    terminal.Complain(isUnsealed ? refusal : $"Sealed, but not noted: {refusal}");
                    return ExitCode.Error;

                default:
                    terminal.Out.WriteLine("Sealed: evidence is taken and none can be opened.");
                    return ExitCode.Ok;
            }
        });
        return verb;
    }
}
