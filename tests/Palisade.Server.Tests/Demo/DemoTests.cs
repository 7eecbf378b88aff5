using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Palisade.Server.Tests.Cli;

namespace Palisade.Server.Tests.Demo;

public sealed partial class DemoTests
{
    /// <summary>Source: the budget for the service and its workers, in MiB.</summary>
    private const int MemoryBudgetMiB = 350;

    [Fact]
    public async Task Every_upload_of_the_demo_gets_the_verdict_it_should_and_nothing_is_left_behind()
    {
        var ended = await PalisadeProgram.RunAsync("demo", "--exit");

        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain("palisade:", ended.Error, StringComparison.Ordinal);
        Assert.Equal(6, Rows(ended, "block"));
        Assert.Equal(24, Rows(ended, "hold"));
        Assert.Equal(18, Rows(ended, "allow"));
        var memory = int.Parse(Memory().Match(ended.Out).Groups["mib"].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(memory, 1, MemoryBudgetMiB);
        var folder = ended.Lines.Single(line => line.StartsWith("  folder ", StringComparison.Ordinal)).Split(' ')[^1];
        Assert.StartsWith(Path.GetTempPath(), folder, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task It_stays_up_and_its_curl_line_answers_with_a_match()
    {
        using var folder = new TemporaryFolder();
        using var taken = TakeFirstPort();
        using var process = PalisadeProgram.Start("demo", "--data", folder["demo with a space"]);
        var complaints = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string? line;
        do
        {
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.False(line is null, "The demo ended before it printed its curl line.");
        }
        while (!line.StartsWith("curl ", StringComparison.Ordinal));

        var words = ShellWords().Matches(line).Select(match => match.Value.Trim('\'')).ToList();
        var address = new Uri(words[^1]);
        using var form = new MultipartFormDataContent();
        foreach (var field in words.Where((_, at) => at > 0 && words[at - 1] == "-F").Select(word => word.Split('=', 2)))
        {
            if (field[1].StartsWith('@'))
            {
                var bytes = await File.ReadAllBytesAsync(field[1][1..], TestContext.Current.CancellationToken);
                form.Add(new ByteArrayContent(bytes), field[0], "upload.jpg");
            }
            else
            {
                form.Add(new StringContent(field[1]), field[0]);
            }
        }

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(
            words.Single(word => word.StartsWith("Authorization: ", StringComparison.Ordinal))["Authorization: ".Length..]);
        using var answer = await http.PostAsync(address, form, TestContext.Current.CancellationToken);
        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

        Assert.Equal("hold", body.GetProperty("verdict").GetString());
        Assert.NotEqual(0, body.GetProperty("matches").GetArrayLength());
        Assert.NotEqual(((IPEndPoint)taken.LocalEndpoint).Port, address.Port);
        Assert.Equal(0, await PalisadeProgram.InterruptAsync(process));
        Assert.DoesNotContain("palisade:", await complaints, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_wants_a_fresh_folder()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["mine.txt"], "keep me", TestContext.Current.CancellationToken);

        var ended = await PalisadeProgram.RunAsync("demo", "--exit", "--data", folder.Path);

        Assert.Contains("not empty", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
    }

    private static int Rows(PalisadeProgram.Ended ended, string verdict) =>
        ended.Lines.Count(line => Regex.IsMatch(line, $@"^\s+[a-z0-9-]+\.(?:jpg|png|webp)\s.*\s{verdict}\s", RegexOptions.None, TimeSpan.FromSeconds(1)));

    /// <summary>Listens where the demo would; somebody else may do so already, which serves as well.</summary>
    private static TcpListener TakeFirstPort()
    {
        for (var port = 8080; ; port++)
        {
            var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }
    }

    [GeneratedRegex(@"Memory of the service and its workers: (?<mib>\d+) MiB", RegexOptions.None, 1000)]
    private static partial Regex Memory();

    [GeneratedRegex(@"'[^']*'|\S+", RegexOptions.None, 1000)]
    private static partial Regex ShellWords();
}
