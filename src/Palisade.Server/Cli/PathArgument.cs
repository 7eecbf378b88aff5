using System.CommandLine;

namespace Palisade.Server.Cli;

/// <summary>Paths of files and folders on the command line.</summary>
internal static class PathArgument
{
    /// <param name="arity">How many are wanted.</param>
    public static Argument<string[]> Create(string name, string description, ArgumentArity arity)
    {
        var paths = new Argument<string[]>(name) { Description = description, Arity = arity };

        // Otherwise a mistyped option would be taken for a file, and reported as missing.
        paths.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.Length > 1 && token.Value[0] == '-'))
            {
                result.AddError($"There is no option {token.Value}. A file of that name is written ./{token.Value}.");
            }
        });
        return paths;
    }
}
