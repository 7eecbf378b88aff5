using System.Text;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Signals.Pdq;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

public sealed class ListParserTests
{
    private const string Hex = "d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    private const string Md5Hex = "0cc175b9c0f1b6a831c399e269772661";
    private const string Sha1Hex = "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8";

    [Theory]
    [InlineData(Hex, null)]
    [InlineData($"{Hex},idx=1", null)]
    [InlineData($"{Hex},88,a picture, really.jpg", 88)]
    [InlineData($"hash={Hex},norm=128,delta=0,quality=91,filename=a,b.jpg", 91)]
    [InlineData($"{Hex},{Hex},{Hex},{Hex},{Hex},{Hex},{Hex},{Hex},73,picture.jpg", 73)]
    [InlineData($"pdq {Hex}", null)]
    public void Every_form_of_a_PDQ_line_is_understood(string line, int? quality)
    {
        var parsed = Parse(new ImportOptions { Type = SignalType.Pdq }, line);

        Assert.Equal(new SignalValue(PdqHash.Parse(Hex)), parsed.Value);
        Assert.Equal(quality, parsed.Quality);
    }

    [Fact]
    public void Upper_case_is_taken_and_kept_as_lower_case()
    {
        var parsed = Parse(new ImportOptions(), Md5Hex.ToUpperInvariant());

        Assert.Equal(Md5Hex, parsed.Value.ToString());
    }

    [Theory]
    [InlineData(Md5Hex, SignalType.Md5)]
    [InlineData(Sha1Hex, SignalType.Sha1)]
    [InlineData($"sha256 {Hex}", SignalType.Sha256)]
    [InlineData($"video_md5 {Md5Hex}", SignalType.Md5)]
    public void The_type_follows_from_the_line_where_it_can(string line, SignalType type) =>
        Assert.Equal(type, Parse(new ImportOptions(), line).Value.Type);

    [Fact]
    public void A_data_set_of_python_threatexchange_is_read_by_its_header()
    {
        const string Header = "signal_type,signal_str,collab,category,tags";
        ListLine Row(string row) => Parse(new ImportOptions(), Header, row);

        Assert.Equal(new SignalValue(PdqHash.Parse(Hex)), Row($"pdq,{Hex},\"a, b\",POSITIVE_CLASS,x y").Value);
        Assert.Equal(LineRefusal.NotHarmful, Row($"pdq,{Hex},c,NEGATIVE_CLASS,").Refusal);
        Assert.Equal(LineRefusal.NotHarmful, Row($"pdq,{Hex},c,DISPUTED,").Refusal);
        Assert.Equal(LineRefusal.UnknownType, Row($"raw_text,hello,c,POSITIVE_CLASS,").Refusal);
        Assert.Equal(LineRefusal.BadCsv, Row("pdq").Refusal);
    }

    [Theory]
    [InlineData("""{"v":2,"type":"md5","value":"0cc175b9c0f1b6a831c399e269772661"}""", LineRefusal.BadJson)]
    [InlineData("""{"v":1,"type":"md5","value":7}""", LineRefusal.BadJson)]
    [InlineData("""{"v":1e99,"type":"md5"}""", LineRefusal.BadJson)]
    [InlineData("""{"v":1,"type":"md5","value":"0cc1"}""", LineRefusal.Malformed)]
    [InlineData("""{"v":1,"type":"photodna","value":"0cc1"}""", LineRefusal.UnknownType)]
    [InlineData("""{"v":1,"type":"md5","value":"0cc175b9c0f1b6a831c399e269772661","quality":101}""", LineRefusal.BadQuality)]
    [InlineData("""{"v":1,"type":"md5","value":"0cc175b9c0f1b6a831c399e269772661"} x""", LineRefusal.BadJson)]
    [InlineData("""{"v":1""", LineRefusal.BadJson)]
    [InlineData("""{""", LineRefusal.BadJson)]
    [InlineData("""[1]""", LineRefusal.BadJson)]
    public void A_bad_line_of_our_interchange_is_refused_by_reason(string line, LineRefusal reason)
    {
        var parsed = Parse(new ImportOptions { Format = ListFormat.Ndjson }, line);

        Assert.Equal((LineKind.Refused, reason), (parsed.Kind, parsed.Refusal));
    }

    [Fact]
    public void A_line_of_exactly_64_KiB_is_read_and_a_longer_one_is_skipped()
    {
        var longest = new string('a', LineReader.LongestLine);
        var list = $"{longest}\nshort\n{longest}b\r\n{new string('c', 900_000)}\nlast";
        var reader = new LineReader(new MemoryStream(Encoding.ASCII.GetBytes(list)));
        var read = new List<(long, bool, int)>();

        while (reader.TryRead(out var line))
        {
            read.Add((reader.LineNumber, reader.IsTooLong, reader.IsTooLong ? 0 : line.Length));
        }

        Assert.Equal([(1, false, 65_536), (2, false, 5), (3, true, 0), (4, true, 0), (5, false, 4)], read);
        Assert.Equal(list.Length, reader.Position);
    }

    private static ListLine Parse(ImportOptions options, params string[] lines)
    {
        var parser = new ListParser(options);
        return lines.Select(line => parser.Parse(Encoding.UTF8.GetBytes(line))).ToList()[^1];
    }
}
