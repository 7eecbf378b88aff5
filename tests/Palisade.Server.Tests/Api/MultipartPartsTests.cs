using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Palisade.Server.Api;

namespace Palisade.Server.Tests.Api;

public sealed class MultipartPartsTests
{
    private const string Head = "Content-Disposition: form-data; name=\"file\"\r\n\r\n";

    [Theory]
    [InlineData("--b\r\n" + Head + "x\r\n--b--", "x")]
    [InlineData("--b\r\n" + Head + "\r\n--b--\r\n", "")]
    [InlineData("for nobody\r\n--b \t\r\n" + Head + "x\r\n--b--\r\nfor nobody either", "x")]
    [InlineData("--b\r\nX-Other: 1\r\ncontent-disposition:form-data; name=file\r\n\r\nx\r\n--b--", "x")]
    [InlineData("--b\r\n" + Head + "\r\n--\r\n--a\r\n-- b--b\r\n--b--", "\r\n--\r\n--a\r\n-- b--b")]
    public void A_part_is_found_where_it_lies(string body, string content)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var parts = new MultipartParts(bytes, "b");

        Assert.True(parts.TryNext());
        Assert.Equal("file", parts.Name);
        Assert.Equal(content, Encoding.UTF8.GetString(bytes[parts.Content]));
        Assert.False(parts.TryNext());
        Assert.True(parts.IsWhole);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--b")]
    [InlineData("--b\r\n")]
    [InlineData("--b-")]
    [InlineData("--bb\r\n" + Head + "x\r\n--b--")]
    [InlineData("words --b\r\n" + Head + "x")]
    [InlineData("--b\r\n" + Head + "x")]
    [InlineData("--b\r\n" + Head + "x\r\n--b")]
    [InlineData("--b\r\n" + Head + "x\n--b--")]
    [InlineData("--b\r\n\r\nx\r\n--b--")]
    [InlineData("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n" + Head + "x\r\n--b--")]
    [InlineData("--b\r\nContent-Disposition : form-data; name=\"file\"\r\n\r\nx\r\n--b--")]
    public void A_body_that_breaks_off_or_is_no_form_is_never_whole(string body)
    {
        var parts = new MultipartParts(Encoding.UTF8.GetBytes(body), "b");

        while (parts.TryNext())
        {
        }

        Assert.False(parts.IsWhole);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void A_part_has_a_few_headers_and_no_more(int count, bool isTaken)
    {
        var others = string.Concat(Enumerable.Repeat("X: y\r\n", count - 1));

        var parts = new MultipartParts(Encoding.UTF8.GetBytes($"--b\r\n{others}{Head}x\r\n--b--"), "b");

        Assert.Equal(isTaken, parts.TryNext());
    }

    [Fact]
    public async Task Any_form_is_read_as_the_frameworks_own_reader_reads_it()
    {
        const int seed = 11;
        var chance = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            // Of few different bytes, so that beginnings of the delimiter come up again and again.
            var contents = Enumerable.Range(0, chance.Next(1, 5))
                .Select(_ => chance.GetItems("\r\n-bB"u8.ToArray(), chance.Next(0, 60)))
                .Where(content => !Encoding.ASCII.GetString(content).Contains("\r\n--bB", StringComparison.Ordinal))
                .ToList();
            var body = new MemoryStream();
            for (var part = 0; part < contents.Count; part++)
            {
                body.Write(Encoding.ASCII.GetBytes($"--bB\r\nContent-Disposition: form-data; name=\"part{part}\"\r\n\r\n"));
                body.Write(contents[part]);
                body.Write("\r\n"u8);
            }

            body.Write("--bB--\r\n"u8);

            var expected = new List<string>();
            body.Position = 0;
            var reader = new MultipartReader("bB", body);
            while (await reader.ReadNextSectionAsync(TestContext.Current.CancellationToken) is { } section)
            {
                expected.Add(await new StreamReader(section.Body).ReadToEndAsync(TestContext.Current.CancellationToken));
            }

            Assert.Equal(expected, ContentsOf(body.ToArray()));
        }
    }

    private static List<string> ContentsOf(byte[] body)
    {
        var found = new List<string>();
        var parts = new MultipartParts(body, "bB");
        while (parts.TryNext())
        {
            Assert.Equal($"part{found.Count}", parts.Name);
            found.Add(Encoding.ASCII.GetString(body[parts.Content]));
        }

        Assert.True(parts.IsWhole);
        return found;
    }
}
