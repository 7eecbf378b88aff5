using System.CommandLine;
using Palisade.Keys;
using Palisade.Server.Cli.Sealing;
using Palisade.Server.Control;
using Palisade.Storage;
using Spectre.Console;

namespace Palisade.Server.Cli.Keys;

internal static class KeyShowVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every sealing key" };
        var verb = new Verb(
            "show", "Show the sealing keys, what is sealed with each, and what opens the operator's key.", "palisade key show") { json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var keys = await records.Sealing.ListAsync(cancellationToken);
            var needs = (await records.Sealing.OperatorKeyNeedsAsync(cancellationToken))?.Needs;
            if (parsed.GetValue(json))
            {
                foreach (var key in keys)
                {
                    terminal.Out.WriteJsonLine(new { key.Number, key.Fingerprint, key.MadeAt, key.State, key.WrappedKeys, openedBy = needs });
                }

                return ExitCode.Ok;
            }

            if (needs is null)
            {
                terminal.Out.WriteLine("There is no sealing key yet, so no evidence is kept. Make one: palisade key init");
                return ExitCode.Ok;
            }

            terminal.Tables().Write(TableOf(keys));
            terminal.Out.WriteLine($"The operator's key is opened by {needs}.");
            var status = await ControlClient.AskAsync(records.Options.Data, UnsealVerb.Request(ControlRequest.Status), cancellationToken);
            terminal.Out.WriteLine(status switch
            {
                null => "No service runs on this folder.",
                { IsUnsealed: true } => "The running service is unsealed: it can open evidence.",
                _ => "The running service is sealed: it keeps evidence and can open none.",
            });
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Table TableOf(IReadOnlyList<SealingKeyFacts> keys)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("key").RightAligned());
        table.AddColumns("state", "made", "fingerprint");
        table.AddColumn(new TableColumn("data keys").RightAligned());
        foreach (var key in keys)
        {
            table.AddRow($"{key.Number}", Words.Of(key.State), $"{key.MadeAt:yyyy-MM-dd}", key.Fingerprint, $"{key.WrappedKeys}");
        }

        return table;
    }
}
