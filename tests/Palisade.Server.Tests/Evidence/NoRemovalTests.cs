using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Evidence.Holds.Retention;
using Palisade.Review;
using Palisade.Server.Cli;
using Palisade.Server.Tests.Api;
using Palisade.Server.Tests.Cli;
using Palisade.Testing;

namespace Palisade.Server.Tests.Evidence;

/// <summary>
/// T7.3: every route and every verb is tried against evidence under hold. Both are read from the program itself, so what is
/// added later is tried too: routes from the route table, verbs from the command tree with the examples of their help.
/// </summary>
public sealed partial class NoRemovalTests
{
    private static readonly Actor Tests = Actor.CommandLine("tests");

    /// <summary>They run until they are stopped, on a port or a folder of their own; the service here stands for the first.</summary>
    private static readonly string[] RunUntilStopped = ["serve", "demo", "bench", "witness"];

    [Fact]
    public async Task No_route_removes_evidence_under_hold()
    {
        await using var service = await StartAsync();
        var held = await TakeAsync(service, isHeld: true);
        using var client = await service.ClientAsync();
        var tried = 0;

        foreach (var pattern in service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                     .Select(endpoint => endpoint.RoutePattern.RawText!).Distinct(StringComparer.Ordinal))
        {
            foreach (var value in new[] { held.Evidence.ToString(), held.Case.ToString(), "1", "practice" })
            {
                var path = Parameter().Replace("/" + pattern.TrimStart('/'), value);
                foreach (var method in new[] { "GET", "POST", "PUT", "PATCH", "DELETE" })
                {
                    foreach (var body in new[] { "{}", """{"state":"withdrawn"}""", """{"action":"release","reason":"x"}""", """{"text":"x"}""" })
                    {
                        using var request = new HttpRequestMessage(new HttpMethod(method), path);
                        request.Content = method is "GET" or "DELETE" ? null : new StringContent(body, Encoding.UTF8, "application/json");
                        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
                        tried++;
                        if (method is "GET" or "DELETE" || path == "/" + pattern.TrimStart('/'))
                        {
                            break;
                        }
                    }
                }
            }
        }

        await AssertWholeAsync(service, held.Evidence);
        Assert.True(tried > 200);
    }

    [Fact]
    public async Task No_verb_removes_evidence_under_hold()
    {
        await using var service = await StartAsync();
        var held = await TakeAsync(service, isHeld: true);
        var unheld = await TakeAsync(service, isHeld: false);
        await service.Installation.Cases.CloseAsync(unheld.Case, PlatformAction.Release, "a harbour", null, Tests, default);

        // A request of somebody else is there to be approved, spent and misused.
        await service.Installation.Approvals.RequestAsync(
            TwoPersonOperation.ShortenHold, "hold/1", new byte[32], Tests, "no reason", default);
        var lines = CommandLines(held).ToList();

        await Parallel.ForEachAsync(
            lines,
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (line, cancellationToken) => await RunAsync(service.Folder, line, cancellationToken));
        var sweep = await RunAsync(service.Folder, ["evidence", "sweep"], default);

        await AssertWholeAsync(service, held.Evidence);
        Assert.True(sweep == 0, "The last sweep was refused, so this tried nothing.");
        Assert.Equal(EvidenceState.Destroyed, (await service.Installation.Evidence.FindAsync(unheld.Evidence, default))!.State);
        Assert.True(lines.Count > 60);
    }

    /// <summary>Every example of every verb with the ids of what is held, and every verb with those ids and every flag.</summary>
    private static IEnumerable<string[]> CommandLines((EvidenceId Evidence, CaseId Case) held)
    {
        using var output = new StringWriter();
        var root = PalisadeCommand.Create(new Terminal
        {
            Out = output,
            Error = output,
            IsOutTerminal = false,
            IsErrorTerminal = false,
            Width = 100,
        });
        foreach (var (path, verb) in Leaves(root, []))
        {
            if (RunUntilStopped.Contains(path[0], StringComparer.Ordinal))
            {
                continue;
            }

            foreach (var example in verb is Verb known ? known.Examples : [])
            {
                yield return [.. Words().Matches(example.Split(" > ", 2)[0]).Skip(1).Select(word => Real(word.Value.Trim('"'), held))];
            }

            var flags = verb.Options.Where(option => option.ValueType == typeof(bool) && option.Name is not ("--help" or "--dry-run"))
                .Select(option => option.Name);
            foreach (var id in verb.Arguments.Count == 0 ? [""] : new[] { held.Evidence.ToString(), held.Case.ToString(), "1" })
            {
                yield return [.. path, .. verb.Arguments.Select(_ => id), .. flags];
            }
        }
    }

    private static IEnumerable<(string[] Path, Command Verb)> Leaves(Command command, string[] path) => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(child => Leaves(child, [.. path, child.Name]));

    private static string Real(string word, (EvidenceId Evidence, CaseId Case) held) =>
        word.StartsWith("evd_", StringComparison.Ordinal) ? held.Evidence.ToString()
        : word.StartsWith("cas_", StringComparison.Ordinal) ? held.Case.ToString()
        : word.All(char.IsAsciiDigit) ? "1"
        : word;

    private static async Task<int> RunAsync(string folder, string[] line, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(PalisadeProgram.Executable, line)
            {
                UseShellExecute = false,
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["PALISADE__DATA"] = folder, ["PALISADE__DEVELOPMENT"] = "true" },
            },
        };
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // One that runs until it is stopped and is not on the list above: what it did so far counts too.
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }

        await Task.WhenAll(output, error);
        return process.ExitCode;
    }

    private static async Task<RunningService> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("palisade-held").FullName;

        // Whatever is not held is due at once, so that only the hold stands between a sweep and the evidence.
        await File.WriteAllTextAsync(
            Path.Combine(folder, RetentionBook.FileName),
            """{ "defaults": { "classes": ["us"], "destroyAfter": { "undecided": "0 days", "not-confirmed": "0 days", "acted-upon": "0 days" } } }""");
        var service = await RunningService.StartAsync(folder: folder);
        await service.BankAsync("practice");
        return service;
    }

    private static async Task<(EvidenceId Evidence, CaseId Case)> TakeAsync(RunningService service, bool isHeld)
    {
        using var client = await service.ClientAsync();
        using var form = RunningService.Form(RandomNumberGenerator.GetBytes(5000));
        form.Add(new StringContent("please look"), "text");
        var answer = await client.PostAsync("/v1/cases", form).JsonAsync(HttpStatusCode.Created);
        Assert.True(CaseId.TryParse(answer.GetProperty("case").GetString(), out var @case));
        if (isHeld)
        {
            var placed = await service.Installation.Holds.PlaceAsync(
                HoldRequest.ForReport(@case, HoldBasis.FiledReport, service.Installation.Clock.GetUtcNow(), "4001"), Tests, default);
            Assert.False(placed.IsRefused);
        }

        return (Assert.Single(await service.Installation.Evidence.ListAsync(@case.ToString(), default)).Id, @case);
    }

    /// <summary>Its record says so, both its keys are kept, and its bytes are what was sealed.</summary>
    private static async Task AssertWholeAsync(RunningService service, EvidenceId id)
    {
        var record = await service.Installation.Evidence.FindAsync(id, default);
        var keys = await service.Installation.Store.ReadAsync(
            connection => connection.QuerySingleAsync<long>($"SELECT COUNT(*) FROM wrapped_key WHERE bound LIKE 'evidence/{id}/%'"), default);
        var name = Convert.ToHexStringLower(record!.SealedSha256) + ".sealed";
        var bytes = await File.ReadAllBytesAsync(Path.Combine(service.Folder, EvidenceVault.FolderName, name));

        Assert.Equal(EvidenceState.Sealed, record.State);
        Assert.Equal(2, keys);
        Assert.Equal(record.SealedSha256, SHA256.HashData(bytes));
        Assert.IsType<HoldStanding.Held>(await service.Installation.Holds.StandingAsync(record, default));
    }

    [GeneratedRegex("""\{[^}]*\}""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"""[^""]*""|\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();
}
