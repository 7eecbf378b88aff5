using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Palisade.Audit;
using Palisade.Decoding;
using Palisade.Evidence;
using Palisade.Evidence.Holds.Retention;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Server.Options;
using Palisade.Storage;

namespace Palisade.Server.Cli;

/// <summary>The command tree of <c>palisade</c>, and how its verbs are run.</summary>
internal static class PalisadeCommand
{
    private const string FirstSteps =
        """
        Palisade recognises known abuse material in uploads before anybody sees it.

          palisade demo                 try it: a service with pictures it draws itself
          palisade scan PATH...         check files or folders against your banks
          palisade hash PATH...         print the fingerprints of pictures
          palisade bank create NAME     begin a collection of known fingerprints
          palisade serve                answer a platform's uploads over HTTP

        palisade --help lists every command; palisade COMMAND --help explains one, with an example.
        """;

    public static async Task<int> RunAsync(string[] arguments, Terminal terminal)
    {
        try
        {
            var parsed = Create(terminal).Parse(arguments, new ParserConfiguration
            {
                // A file may be called @something: no argument is read as a list of arguments.
                ResponseFileTokenReplacer = null,
            });
            if (parsed.Errors.Count > 0)
            {
                return await MisunderstoodAsync(parsed, terminal);
            }

            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(20),
            });
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (IsExplained(exception))
        {
            terminal.Complain(exception.Message);
            return ExitCode.Error;
        }
        finally
        {
            await terminal.Out.FlushAsync(CancellationToken.None);
        }
    }

    internal static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("Recognises known abuse material in uploads before anybody sees it.");
        root.Add(DemoVerb.Create(terminal));
        root.Add(ServeVerb.Create(terminal));
        root.Add(ScanVerb.Create(terminal));
        root.Add(HashVerb.Create(terminal));
        root.Add(CompareVerb.Create(terminal));
        root.Add(InspectVerb.Create(terminal));
        root.Add(Banks.BankVerb.Create(terminal));
        root.Add(Protecting.ProtectVerb.Create(terminal));
        root.Add(Cases.CaseVerb.Create(terminal));
        root.Add(Reports.ReportVerb.Create(terminal));
        root.Add(Evidence.EvidenceVerb.Create(terminal));
        root.Add(Holds.HoldVerb.Create(terminal));
        root.Add(Retention.RetentionVerb.Create(terminal));
        root.Add(Approvals.ApprovalVerb.Create(terminal));
        root.Add(Webhooks.WebhookVerb.Create(terminal));
        root.Add(Keys.KeyVerb.Create(terminal));
        root.Add(Sealing.SealVerb.Create(terminal));
        root.Add(Sealing.UnsealVerb.Create(terminal));
        root.Add(VerifyVerb.Create(terminal));
        root.Add(BackupVerb.Create(terminal));
        root.Add(RestoreVerb.Create(terminal));
        root.Add(Policies.PolicyVerb.Create(terminal));
        root.Add(Audit.AuditVerb.Create(terminal));
        root.Add(WitnessVerb.Create(terminal));
        root.Add(FakeAuthorityVerb.Create(terminal));
        root.Add(DoctorVerb.Create(terminal));
        root.Add(BenchVerb.Create(terminal));
        root.SetAction(_ => terminal.Out.WriteLine(FirstSteps));

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Verb.Help((HelpAction)help.Action!);
        return root;
    }

    /// <summary>
    /// Exceptions whose message was written for the person at the terminal. All others are faults of ours and keep
    /// their trace.
    /// </summary>
    private static bool IsExplained(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or OptionsException or PolicyFileException or RetentionFileException or
            StoreUnusableException or SandboxUnavailableException or AuditUnavailableException or DamagedAuditException or SealedServiceException or
            NoSealingKeyException or EvidenceDamagedException or EvidenceUnavailableException;

    private static async Task<int> MisunderstoodAsync(ParseResult parsed, Terminal terminal)
    {
        if (parsed.Action is ParseErrorAction explain)
        {
            explain.ShowHelp = false;
            await parsed.InvokeAsync(new InvocationConfiguration { Output = terminal.Error, Error = terminal.Error });
        }

        var path = new List<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
        {
            path.Insert(0, command.Command is RootCommand ? "palisade" : command.Command.Name);
        }

        terminal.Error.WriteLine($"See: {string.Join(' ', path)} --help");
        return ExitCode.Error;
    }
}
