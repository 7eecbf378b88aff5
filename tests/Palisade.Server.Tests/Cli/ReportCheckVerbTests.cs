using System.Text.Json;

namespace Palisade.Server.Tests.Cli;

public sealed class ReportCheckVerbTests
{
    private const string Report =
        "<report><incidentSummary><incidentType>Child Sex Tourism</incidentType><incidentDateTime>2026-01-15T09:30:00Z</incidentDateTime></incidentSummary>" +
        "<reporter><reportingPerson><email>a@b.example</email></reportingPerson></reporter></report>";

    [Fact]
    public async Task A_valid_document_ends_with_0_and_a_broken_one_with_2_and_its_reasons()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["good.xml"], Report, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["bad.xml"], Report.Replace("09:30:00Z", "09:30:00", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var good = await PalisadeProgram.RunAsync("report", "check", folder["good.xml"]);
        var bad = await PalisadeProgram.RunAsync("report", "check", folder["good.xml"], folder["bad.xml"]);
        var json = await PalisadeProgram.RunAsync("report", "check", "--json", folder["bad.xml"]);

        Assert.Equal((0, 2, 2), (good.ExitCode, bad.ExitCode, json.ExitCode));
        Assert.Contains("report/incidentSummary/incidentDateTime", bad.Out, StringComparison.Ordinal);
        Assert.Contains("[R-02]", bad.Out, StringComparison.Ordinal);
        var fault = JsonDocument.Parse(Assert.Single(json.Lines)).RootElement.GetProperty("faults")[0];
        Assert.Equal("R-02", fault.GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said_in_words()
    {
        var ended = await PalisadeProgram.RunAsync("report", "check", "/nowhere/report.xml");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("There is no file", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--url", "http://0.0.0.0:0", "--beyond-this-machine")]
    [InlineData("--fail", "finish:sometimes:500", "ENDPOINT:MOMENT:FAULT")]
    [InlineData("--clock-speed", "0", "--clock-speed")]
    public async Task A_rehearsal_that_is_asked_for_wrongly_says_what_to_do(string option, string value, string advice)
    {
        var ended = await PalisadeProgram.RunAsync("fake-authority", option, value);

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(advice, ended.Error, StringComparison.Ordinal);
    }
}
