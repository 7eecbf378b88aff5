using Palisade.Server.Options;
using Palisade.Server.Tests.Cli;

namespace Palisade.Server.Tests.Options;

public sealed class OptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static readonly Dictionary<string, string?> NoFlags = new(StringComparer.Ordinal);

    [Fact]
    public void The_defaults_are_good_and_answer_on_this_machine_alone()
    {
        var options = new PalisadeOptions();

        Assert.Empty(options.Faults());
        Assert.Equal("http://127.0.0.1:8080", options.Listen.Url);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080", null, "has no TLS")]
    [InlineData("http://192.0.2.1:8080", null, "has no TLS")]
    [InlineData("http://[::]:8080", null, "has no TLS")]
    [InlineData("https://0.0.0.0:8443", null, "certificateFile")]
    [InlineData("http://0.0.0.0:8080", "proxy", "one address in numbers")]
    [InlineData("ftp://127.0.0.1", null, "must be http")]
    [InlineData("http://example.org:80", null, "address in numbers")]
    public void An_address_that_others_reach_needs_tls_or_a_named_proxy(string url, string? proxy, string advice)
    {
        var options = new PalisadeOptions { Listen = new ListenOptions { Url = url, TrustedProxy = proxy } };

        Assert.Contains(advice, Assert.Single(options.Faults()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", null)]
    [InlineData("http://localhost:8080", null)]
    [InlineData("http://[::1]:8080", null)]
    [InlineData("http://0.0.0.0:8080", "10.0.0.2")]
    public void An_address_that_is_protected_is_accepted(string url, string? proxy) =>
        Assert.Empty(new PalisadeOptions { Listen = new ListenOptions { Url = url, TrustedProxy = proxy } }.Faults());

    [Fact]
    public void A_file_is_read_and_flags_win_over_it()
    {
        var file = FileOf("""{ /* mine */ "listen": { "url": "http://127.0.0.1:9000" }, "limits": { "maxUploadBytes": 2048, }, }""");

        var options = OptionsReading.Read(file, new Dictionary<string, string?>(StringComparer.Ordinal) { ["limits:maxUploadBytes"] = "4096" });

        Assert.Equal("http://127.0.0.1:9000", options.Listen.Url);
        Assert.Equal(4096, options.Limits.MaxUploadBytes);
    }

    [Theory]
    [InlineData("""{ "lisen": {} , "listen": { "ulr": "x" } }""", "lisen")]
    [InlineData("""{ "limits": { "maxUploadBytes": "many" } }""", "maxUploadBytes")]
    [InlineData("""{ "limits": { "maxUploadBytes": 12 } }""", "between 1024")]
    [InlineData("""{ "limits": { "maxUploadBytes": 500000000, "maxBytesInFlight": 600000000 } }""", "decoder.maxFileBytes")]
    [InlineData("""{ "decoder": { "workers": 0 } }""", "Workers")]
    [InlineData("""{ "fetch": { "allowedHosts": ["https://example.org"] } }""", "fetch:")]
    [InlineData("""{ "listen": """, "is not JSON")]
    public void A_setting_that_cannot_be_used_is_named(string json, string named)
    {
        var exception = Assert.Throws<OptionsException>(() => OptionsReading.Read(FileOf(json), NoFlags));

        Assert.Contains(named, exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_file_that_was_named_and_is_not_there_is_a_mistake() =>
        Assert.Throws<OptionsException>(() => OptionsReading.Read("/nowhere/palisade.json", NoFlags));

    public void Dispose() => _folder.Dispose();

    private string FileOf(string json)
    {
        var file = _folder["palisade.json"];
        File.WriteAllText(file, json);
        return file;
    }
}
