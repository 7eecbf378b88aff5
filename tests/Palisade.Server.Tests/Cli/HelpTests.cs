using System.CommandLine;
using Palisade.Server.Cli;

namespace Palisade.Server.Tests.Cli;

public sealed class HelpTests
{
    [Fact]
    public async Task Alone_it_names_the_five_commands_that_a_newcomer_needs()
    {
        var ended = await PalisadeProgram.RunAsync();

        Assert.All(
            ["palisade demo", "palisade scan", "palisade hash", "palisade bank create", "palisade serve"],
            command => Assert.Contains(command, ended.Out, StringComparison.Ordinal));
        Assert.Equal(0, ended.ExitCode);
    }

    [Fact]
    public void Every_command_has_a_description_and_an_example_that_can_be_parsed()
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

        foreach (var verb in Everything(root).OfType<Verb>())
        {
            Assert.EndsWith(".", verb.Description, StringComparison.Ordinal);
            Assert.NotEmpty(verb.Examples);
            foreach (var example in verb.Examples.Where(example => !example.Contains('>', StringComparison.Ordinal)))
            {
                Assert.StartsWith("palisade ", example, StringComparison.Ordinal);
                Assert.Empty(root.Parse(example["palisade ".Length..]).Errors);
            }
        }
    }

    [Theory]
    [InlineData("hahs photo.jpg", "hash")]
    [InlineData("hash", "--help")]
    [InlineData("scan --frobnicate x", "--frobnicate")]
    [InlineData("bank create x --purpose nonsense", "known-material")]
    public async Task A_mistyped_command_is_answered_with_what_to_do(string line, string advice)
    {
        var ended = await PalisadeProgram.RunAsync(line.Split(' '));

        Assert.Contains(advice, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
        Assert.Equal(2, ended.ExitCode);
    }

    [Fact]
    public async Task A_file_called_like_a_list_of_arguments_is_only_a_file()
    {
        var ended = await PalisadeProgram.RunAsync("hash", "--json", "@nowhere");

        Assert.Contains("\"file\":\"@nowhere\"", ended.Out, StringComparison.Ordinal);
    }

    private static IEnumerable<Command> Everything(Command command) =>
        command.Subcommands.SelectMany(Everything).Prepend(command);
}
