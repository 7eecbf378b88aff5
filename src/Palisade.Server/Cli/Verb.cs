using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Palisade.Server.Cli;

/// <summary>A command of <c>palisade</c> whose help ends with examples that can be copied.</summary>
internal sealed class Verb : Command
{
    public Verb(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
    }

    public IReadOnlyList<string> Examples { get; }

    /// <summary>What the exit code says, where it says more than done or failed.</summary>
    public string? ExitCodes { get; init; }

    /// <summary>Ends the usual help with the examples.</summary>
    public sealed class Help(HelpAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            usual.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is Verb verb)
            {
                if (verb.ExitCodes is { } exitCodes)
                {
                    output.WriteLine("Exit code:");
                    output.WriteLine($"  {exitCodes}");
                    output.WriteLine();
                }

                output.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
                foreach (var example in verb.Examples)
                {
                    output.WriteLine($"  {example}");
                }
            }

            return ExitCode.Ok;
        }
    }
}
