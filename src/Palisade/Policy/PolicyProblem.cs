namespace Palisade.Policy;

/// <summary>One thing in the policy file that has to be changed, and where it stands.</summary>
/// <param name="Line">Line in the file, from 1.</param>
/// <param name="Place">Path of the setting, such as <c>services.avatars.near</c>; empty for the file as a whole.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record PolicyProblem(int Line, string Place, string Message)
{
    public override string ToString() =>
        Place.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}, {Place}: {Message}";
}

/// <summary>The policy file cannot be used; the message lists every problem with its line.</summary>
public sealed class PolicyFileException : Exception
{
    public PolicyFileException(string file, IReadOnlyList<PolicyProblem> problems)
        : base($"The policy file {file} needs {(problems.Count == 1 ? "a change" : "changes")}:" +
               string.Concat(problems.Select(problem => $"{Environment.NewLine}  {problem}")))
    {
        Problems = problems;
    }

    public IReadOnlyList<PolicyProblem> Problems { get; }
}
