namespace Palisade.Server.Cli;

/// <summary>Writes text so that a POSIX shell takes it as one word.</summary>
internal static class ShellWord
{
    public static string Of(string text) =>
        text.All(letter => char.IsAsciiLetterOrDigit(letter) || "/._-=@:+,".Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
