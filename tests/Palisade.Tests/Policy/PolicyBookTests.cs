using Palisade.Banks;
using Palisade.Policy;
using Palisade.Signals.Pdq;

namespace Palisade.Tests.Policy;

public sealed class PolicyBookTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("palisade-policy-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_shipped_policy_is_good_and_holds_what_cannot_be_read()
    {
        var book = Parse(DefaultPolicy.Text);

        Assert.Equal(["avatars", "chat-images", "image-generator"], book.Services);
        Assert.All(book.Services, service => Assert.Equal(VerdictAction.Hold, book.Find(service)!.Undecodable));
        Assert.All(book.Services, service => Assert.Equal(VerdictAction.Hold, book.Find(service)!.Refused));
    }

    [Fact]
    public void A_service_takes_the_defaults_that_it_does_not_change()
    {
        var book = Parse(Defaults + """
            "services": { "avatars": { "near": { "practice": "allow" }, "profiles": ["full", "nn512"] } } }
            """);

        var avatars = book.Find("avatars")!;

        Assert.Equal(VerdictAction.Allow, avatars.Near[BankPurpose.Practice]);
        Assert.Equal(VerdictAction.Hold, avatars.Near[BankPurpose.KnownMaterial]);
        Assert.Equal([PdqProfile.Full, PdqProfile.Nn512], avatars.Profiles);
    }

    [Fact]
    public void A_service_that_the_file_does_not_name_has_no_policy() => Assert.Null(Parse(DefaultPolicy.Text).Find("billboards"));

    [Theory]
    [InlineData("\"avatars\": { \"undecodable\": \"stop\" }", 3, "'stop' is not known here. Write one of \"allow\", \"hold\", \"block\".")]
    [InlineData("\"avatars\": {\n\"undecodable\": 7 }", 4, "Write one of \"allow\"")]
    [InlineData("\"avatars\": { \"near\": { \"weather\": \"hold\" } }", 3, "'weather' is no purpose")]
    [InlineData("\"avatars\": { \"near\": { \"never-match\": \"hold\" } }", 3, "leads to no action")]
    [InlineData("\"avatars\": { \"neer\": {} }", 3, "'neer' is no setting")]
    [InlineData("\"avatars\": { \"orientations\": \"some\" }", 3, "\"stored\", \"all\"")]
    [InlineData("\"avatars\": { \"profiles\": [] }", 3, "No profile is named")]
    [InlineData("\"avatars\": { \"banks\": [\"purpose:weather\"] }", 3, "'weather' is not known")]
    [InlineData("\"avatars\": {}, \"avatars\": {}", 3, "twice")]
    [InlineData("\"Avatars\": {}", 3, "1 to 64 of a-z")]
    [InlineData("\"avatars\": []", 3, "write {}")]
    [InlineData("", 3, "No service is named")]
    public void A_mistake_is_reported_with_its_line_and_with_what_to_write(string services, int line, string advice)
    {
        var isGood = PolicyBook.TryParse($"{Defaults}\n\"services\": {{ {services} }} }}", out _, out var problems);

        Assert.False(isGood);
        var problem = Assert.Single(problems);
        Assert.Equal(line, problem.Line);
        Assert.Contains(advice, problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_purpose_without_a_default_is_reported()
    {
        var text = DefaultPolicy.Text.Replace("\"protected-photo\": \"hold\",", "", StringComparison.Ordinal);

        Assert.False(PolicyBook.TryParse(text, out _, out var problems));

        Assert.Equal(2, problems.Count);
        Assert.All(problems, problem => Assert.Contains("\"protected-photo\" is missing", problem.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("{\n\"defaults\": {\n", 3)]
    [InlineData("{\n\"defaults\" {} }", 2)]
    [InlineData("[[[[[[[[[[[[", 1)]
    [InlineData("7", 1)]
    public void A_file_that_is_no_policy_is_refused_with_its_line(string text, int line)
    {
        Assert.False(PolicyBook.TryParse(text, out _, out var problems));

        Assert.Equal(line, Assert.Single(problems).Line);
    }

    [Fact]
    public void A_bank_that_does_not_exist_is_reported_with_its_line()
    {
        var book = Parse(Defaults + "\n\"services\": {\n \"avatars\": { \"banks\": [\"hotline\", \"ours\"] } } }");

        var problem = Assert.Single(book.CheckBanks([SampleBank.With(BankPurpose.Practice, name: "ours")]));

        Assert.Equal(4, problem.Line);
        Assert.Contains("palisade bank create hotline", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Banks_are_chosen_by_name_by_purpose_or_all()
    {
        var book = Parse(Defaults + """
            "services": {
              "all": {},
              "some": { "banks": ["ours", "purpose:known-material"] } } }
            """);
        var ours = SampleBank.With(BankPurpose.Practice, name: "ours");
        var hotline = SampleBank.With(BankPurpose.KnownMaterial, name: "hotline");
        var other = SampleBank.With(BankPurpose.Practice, name: "known-material");

        Assert.All([ours, hotline, other], bank => Assert.True(book.Find("all")!.Banks.Includes(bank)));
        Assert.True(book.Find("some")!.Banks.Includes(ours));
        Assert.True(book.Find("some")!.Banks.Includes(hotline));
        Assert.False(book.Find("some")!.Banks.Includes(other));
    }

    [Fact]
    public async Task A_folder_without_a_policy_gets_the_commented_default()
    {
        var file = Path.Combine(_folder.FullName, PolicyBook.FileName);

        await PolicyBook.LoadAsync(file, CancellationToken.None);

        Assert.Equal(DefaultPolicy.Text, await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_broken_file_stops_the_start_and_lists_everything_to_change()
    {
        var file = Path.Combine(_folder.FullName, PolicyBook.FileName);
        await File.WriteAllTextAsync(file, Defaults + "\"services\": { \"a\": { \"near\": 1 }, \"b\": { \"refused\": \"x\" } } }");

        var exception = await Assert.ThrowsAsync<PolicyFileException>(() => PolicyBook.LoadAsync(file, CancellationToken.None));

        Assert.Equal(2, exception.Problems.Count);
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Two lines: the opening brace, and good defaults.</summary>
    private const string Defaults =
        "{\n\"defaults\": { \"banks\": [\"*\"], \"exact\": { \"known-material\": \"block\", \"intimate-image\": \"block\", " +
        "\"protected-photo\": \"hold\", \"practice\": \"block\" }, \"near\": { \"known-material\": \"hold\", " +
        "\"intimate-image\": \"hold\", \"protected-photo\": \"hold\", \"practice\": \"hold\" }, \"undecodable\": \"hold\", " +
        "\"refused\": \"hold\", \"orientations\": \"stored\", \"profiles\": [\"full\"] },";

    private static PolicyBook Parse(string text)
    {
        Assert.True(PolicyBook.TryParse(text, out var book, out var problems), string.Join('\n', problems));
        return book;
    }
}
