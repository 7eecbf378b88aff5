using Palisade.Server.Cli;

namespace Palisade.Server.Tests.Cli;

public sealed class LoginAccountTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("palisade-login").FullName;

    [Theory]
    [InlineData("1001", "anna")]
    [InlineData("1002", "bert")]
    [InlineData("0", "root")]
    [InlineData("4000", "uid 4000")]
    [InlineData("4294967295", null)]
    [InlineData("", null)]
    public void Two_people_who_become_one_account_are_still_two(string login, string? name)
    {
        var (loginFile, accounts) = (Path.Combine(_folder, "loginuid"), Path.Combine(_folder, "passwd"));
        File.WriteAllText(loginFile, login);
        File.WriteAllText(accounts, "root:x:0:0:root:/root:/bin/bash\nanna:x:1001:100::/home/anna:\nbert:x:1002:1001::/home/bert:\n");

        Assert.Equal(name, LoginAccount.Find(loginFile, accounts));
    }

    [Fact]
    public void A_system_that_does_not_remember_logins_leaves_it_to_the_account() =>
        Assert.Null(LoginAccount.Find(Path.Combine(_folder, "nowhere"), "/etc/passwd"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
