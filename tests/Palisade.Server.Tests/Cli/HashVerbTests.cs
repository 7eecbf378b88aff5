using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Tests.Cli;

public sealed class HashVerbTests(DrawnFiles drawn) : IClassFixture<DrawnFiles>
{
    [Fact]
    public async Task A_picture_is_printed_with_all_its_fingerprints_in_the_documented_shape()
    {
        var ended = await PalisadeProgram.RunAsync("hash", "--json", drawn.Cobbles);

        var line = JsonDocument.Parse(Assert.Single(ended.Lines)).RootElement;
        Assert.Equal(
            ["file", "status", "format", "width", "height", "md5", "sha1", "sha256", "pdq"],
            line.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["full", "nn512"], line.GetProperty("pdq").EnumerateObject().Select(property => property.Name));
        Assert.Equal(drawn.Cobbles, line.GetProperty("file").GetString());
        Assert.Equal("ok", line.GetProperty("status").GetString());
        Assert.Equal("png", line.GetProperty("format").GetString());
        Assert.Equal((320, 240), (line.GetProperty("width").GetInt32(), line.GetProperty("height").GetInt32()));
        var bytes = await File.ReadAllBytesAsync(drawn.Cobbles, TestContext.Current.CancellationToken);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), line.GetProperty("sha256").GetString());
        var expected = new PdqHasher().HashRgb(drawn.CobblesPixels.Rgb.Span, 320, 240);
        var full = line.GetProperty("pdq").GetProperty("full");
        Assert.Equal(expected.Hash.ToString(), full.GetProperty("hash").GetString());
        Assert.Equal(expected.Quality, full.GetProperty("quality").GetInt32());
        Assert.Equal(0, ended.ExitCode);
    }

    [Fact]
    public async Task Every_entry_of_a_folder_has_one_line_in_order_whatever_its_state()
    {
        using var folder = new TemporaryFolder();
        var jpeg = await File.ReadAllBytesAsync(drawn.Lake, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["a-good.jpg"], jpeg, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["b-cut.jpg"], jpeg[..600], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["c-empty.jpg"], [], TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["d-text.jpg"], "not a picture", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(folder["e-link.jpg"], folder["a-good.jpg"]);
        using (var mkfifo = Process.Start("mkfifo", [folder["f-pipe.jpg"]]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Directory.CreateDirectory(folder["g"]);
        await File.WriteAllBytesAsync(folder["g/inner.jpg"], jpeg, TestContext.Current.CancellationToken);

        var ended = await PalisadeProgram.RunAsync("hash", "--json", folder.Path, folder["nowhere.jpg"]);

        var lines = ended.Lines.Select(text => JsonDocument.Parse(text).RootElement).ToList();
        Assert.Equal(
        [
            ("a-good.jpg", "ok", null),
            ("b-cut.jpg", "undecodable", "corrupt"),
            ("c-empty.jpg", "undecodable", "empty"),
            ("d-text.jpg", "refused", "not-a-picture"),
            ("e-link.jpg", "refused", "link"),
            ("f-pipe.jpg", "refused", "not-a-file"),
            ("g/inner.jpg", "ok", null),
            ("nowhere.jpg", "unreadable", "missing"),
        ],
            lines.Select(line => (
                Path.GetRelativePath(folder.Path, line.GetProperty("file").GetString()!),
                line.GetProperty("status").GetString()!,
                line.TryGetProperty("reason", out var reason) ? reason.GetString() : null)));
        Assert.All(
            lines.Where(line => line.GetProperty("status").GetString() != "ok"),
            line => Assert.Equal(JsonValueKind.Null, line.GetProperty("pdq").ValueKind));
        Assert.Equal(JsonValueKind.String, lines[1].GetProperty("md5").ValueKind);
        Assert.Equal(JsonValueKind.Null, lines[4].GetProperty("md5").ValueKind);
        Assert.Equal(2, ended.ExitCode);
    }

    [Fact]
    public async Task Standard_input_is_read_as_one_file()
    {
        var ended = await PalisadeProgram.RunWithInputAsync(
            await File.ReadAllBytesAsync(drawn.Lake, TestContext.Current.CancellationToken), "hash", "--json", "-");

        var line = JsonDocument.Parse(Assert.Single(ended.Lines)).RootElement;
        Assert.Equal("-", line.GetProperty("file").GetString());
        Assert.Equal("ok", line.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_name_with_control_characters_cannot_reach_the_terminal()
    {
        using var folder = new TemporaryFolder();
        var name = "a\e[2J\n\u202egpj.jpg";
        File.Copy(drawn.Lake, folder[name]);

        var plain = await PalisadeProgram.RunAsync("hash", folder.Path);
        var json = await PalisadeProgram.RunAsync("hash", "--json", folder.Path);

        Assert.Contains("a\\u001b[2J\\u000a\\u202egpj.jpg: jpeg", plain.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', plain.Out);
        Assert.DoesNotContain('\u202e', json.Out);
        Assert.Equal(folder[name], JsonDocument.Parse(Assert.Single(json.Lines)).RootElement.GetProperty("file").GetString());
    }

    [Fact]
    public async Task A_name_that_is_no_UTF8_is_said_to_be_so()
    {
        using var folder = new TemporaryFolder();
        await ShellAsync("printf x > \"$(printf '%s/a\\377.jpg' \"$1\")\"", folder.Path);

        var ended = await PalisadeProgram.RunAsync("hash", "--json", folder.Path);

        var line = JsonDocument.Parse(Assert.Single(ended.Lines)).RootElement;
        Assert.Equal(
            ("unreadable", "name-not-utf8"), (line.GetProperty("status").GetString(), line.GetProperty("reason").GetString()));
        Assert.Equal(2, ended.ExitCode);
        await ShellAsync("rm \"$1\"/*", folder.Path);
    }

    /// <summary>For names that .NET itself can neither write nor remove.</summary>
    private static async Task ShellAsync(string script, string argument)
    {
        using var shell = Process.Start("/bin/sh", ["-c", script, "sh", argument]);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
