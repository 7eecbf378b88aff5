using System.Globalization;

namespace Palisade.Server.Cli;

/// <summary>Who sits at the terminal.</summary>
/// <remarks>
/// Two people who work in one data folder both act as its owner, by sudo or su. Linux remembers as whom somebody logged in, and
/// only a system administrator can change that (proc(5), /proc/pid/loginuid). Where nobody logged in, as in a container, the
/// account itself counts.
/// </remarks>
internal static class LoginAccount
{
    private const string LoginFile = "/proc/self/loginuid";
    private const string AccountsFile = "/etc/passwd";

    /// <summary>The name of the account, or its number where the system has no name for it.</summary>
    public static string Name { get; } = Find(LoginFile, AccountsFile) ?? Environment.UserName;

    /// <returns>Null where nobody logged in.</returns>
    internal static string? Find(string loginFile, string accountsFile)
    {
        if (!File.Exists(loginFile) || !uint.TryParse(File.ReadAllText(loginFile), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ||
            id == uint.MaxValue)
        {
            return null;
        }

        // passwd(5): name, password, number, and more, between colons.
        var number = id.ToString(CultureInfo.InvariantCulture);
        var account = File.Exists(accountsFile)
            ? File.ReadLines(accountsFile).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[2] == number)
            : null;
        return account?[0] ?? "uid " + number;
    }
}
