using System.CommandLine;
using System.Globalization;
using Palisade.Keys;
using Spectre.Console;

namespace Palisade.Server.Cli.Keys;

internal static class KeyListVerb
{
    public static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every key" };
        var verb = new Verb("list", "List the API keys, never their secrets.", "palisade key list") { json };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var keys = await records.Keys.ListAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var key in keys)
                {
                    terminal.Out.WriteJsonLine(new
                    {
                        id = key.Id,
                        name = key.Name,
                        scopes = key.Scopes,
                        networks = key.Networks.Select(network => network.ToString()),
                        createdAt = key.CreatedAt,
                        expiresAt = key.ExpiresAt,
                        revokedAt = key.RevokedAt,
                    });
                }
            }
            else if (keys.Count == 0)
            {
                terminal.Out.WriteLine("There is no key yet. Make one: palisade key create --name \"upload server\" --scope scan");
            }
            else
            {
                terminal.Tables().Write(Table(keys, TimeProvider.System.GetUtcNow()));
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static Table Table(IReadOnlyList<ApiKey> keys, DateTimeOffset now)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("id").RightAligned());
        table.AddColumns("name", "scopes", "networks", "state");
        foreach (var key in keys)
        {
            table.AddRow(
                key.Id.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(Terminal.Escaped(key.Name)),
                string.Join(' ', key.Scopes),
                key.Networks.Count == 0 ? "any" : string.Join(' ', key.Networks),
                State(key, now));
        }

        return table;
    }

    private static string State(ApiKey key, DateTimeOffset now) => key switch
    {
        { RevokedAt: { } revokedAt } => $"revoked {revokedAt:yyyy-MM-dd}",
        _ when now >= key.ExpiresAt => $"ended {key.ExpiresAt:yyyy-MM-dd}",
        _ => $"good until {key.ExpiresAt:yyyy-MM-dd}",
    };
}
