using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Palisade.Server.Tests.Cli;

public sealed class ServeVerbTests
{
    [Fact]
    public async Task It_answers_until_it_is_stopped_and_takes_keys_made_meanwhile()
    {
        using var folder = new TemporaryFolder();
        using var service = PalisadeProgram.Start(
            "serve", "--data", folder["data"], "--url", "http://127.0.0.1:0", "--development");
        var first = await service.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("Palisade answers at http://127.0.0.1:", first, StringComparison.Ordinal);
        var key = await PalisadeProgram.RunAsync(
            "key", "create", "--name", "test", "--scope", "banks.read", "--data", folder["data"]);

        using var http = new HttpClient { BaseAddress = new Uri(first!["Palisade answers at ".Length..]) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Out.Trim());
        var banks = await http.GetStringAsync(new Uri("/v1/banks", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("{\"banks\":[]}", banks);
        Assert.Equal(0, await PalisadeProgram.InterruptAsync(service));
        Assert.Contains(
            "are not kept", await service.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_others_can_reach_is_refused_without_TLS()
    {
        using var folder = new TemporaryFolder();

        var ended = await PalisadeProgram.RunAsync("serve", "--data", folder["data"], "--url", "http://0.0.0.0:0", "--development");

        Assert.Contains("listen.url can be reached from outside and has no TLS", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
    }

    [Fact]
    public async Task Nothing_around_the_decoder_is_refused_outside_development()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder["palisade.json"], """{"decoder":{"layers":"Rlimits"}}""", TestContext.Current.CancellationToken);

        var ended = await PalisadeProgram.RunAsync("serve", "--data", folder.Path, "--url", "http://127.0.0.1:0");

        Assert.Contains("AllowUnsandboxedDecodingOfUntrustedFiles", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, ended.ExitCode);
    }

    [Fact]
    public async Task A_taken_address_is_said_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var ended = await PalisadeProgram.RunAsync(
            "serve", "--data", folder["data"], "--url", $"http://{other.LocalEndpoint}", "--development");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("is taken by another program", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.TrimEnd().Split('\n'));
    }
}
