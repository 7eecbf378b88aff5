using System.CommandLine;
using Palisade.Keys;

namespace Palisade.Server.Cli.Keys;

internal static class KeyCreateVerb
{
    public static Command Create(Terminal terminal)
    {
        var name = new Option<string>("--name") { Description = "Who uses it", Required = true, HelpName = "TEXT" };
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"What it may do; repeat for several: {string.Join(", ", ApiScopes.All.Order(StringComparer.Ordinal))}",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "SCOPE",
        };
        var networks = new Option<string[]>("--network")
        {
            Description = "Addresses it may be used from, such as 10.0.0.0/8; repeat for several [default: any]",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "RANGE",
        };
        var days = new Option<int>("--days")
        {
            Description = $"Days until it ends, {ApiKeys.LongestLife.TotalDays} at most",
            DefaultValueFactory = _ => (int)ApiKeys.LongestLife.TotalDays,
            HelpName = "DAYS",
        };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var verb = new Verb(
            "create",
            "Make an API key and print it once: only its hash is kept.",
            "palisade key create --name \"upload server\" --scope scan",
            "palisade key create --name moderation --scope scan match.detail scans.read --network 10.0.0.0/8 --days 30")
        {
            name, scopes, networks, days, json,
        };
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            await using var records = await data.OpenAsync(parsed, cancellationToken);
            var creation = await records.Keys.CreateAsync(
                parsed.GetRequiredValue(name),
                parsed.GetRequiredValue(scopes),
                parsed.GetValue(networks) ?? [],
                TimeSpan.FromDays(parsed.GetValue(days)),
                DataFolder.Me,
                cancellationToken);
            switch (creation)
            {
                case KeyCreation.Created created when parsed.GetValue(json):
                    terminal.Out.WriteJsonLine(new { id = created.Key.Id, key = created.Secret, expiresAt = created.Key.ExpiresAt });
                    return ExitCode.Ok;

                case KeyCreation.Created created:
                    // The key alone on the results' side, so that a script can take it.
                    terminal.Out.WriteLine(created.Secret);
                    terminal.Error.WriteLine($"Key {created.Key.Id}. It is not shown again, and ends on {created.Key.ExpiresAt:yyyy-MM-dd}.");
                    return ExitCode.Ok;

                case KeyCreation.Refused refused:
                    terminal.Complain(refused.Reason);
                    return ExitCode.Error;

                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        });
        return verb;
    }
}
