using System.Diagnostics;
using System.Text;
using System.Xml.Linq;
using CsCheck;
using Palisade.Testing;

namespace Palisade.CyberTipline.Tests;

public sealed class DocumentTests
{
    private const int Reports = 10_000;

    private static readonly CheckContext Context = new() { Now = TipMaker.Now };

    [Fact]
    public void All_149_names_of_the_schema_can_be_said_and_the_four_additions_of_2026_as_well()
    {
        var said = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < 2; seed++)
        {
            var maker = new TipMaker(seed, fullness: 1);
            Collect(CyberTipWriter.Write(WithAdditions(maker.Tip()), LiveSchema.Embedded), said);
            Collect(CyberTipWriter.Write(maker.BatchedTip()), said);
            Collect(CyberTipWriter.Write(maker.File(), withLegacy: true), said);
        }

        CollectAnswers(said);

        string[] additions = ["ageAssertionDiscrepancy", "informational", "instrumentalUse", "potentialAggravatingFactors"];
        var names = LiveSchema.Embedded.Names;
        Assert.Equal(149, names.Except(additions).Count());
        Assert.Empty(names.Except(said));
        Assert.Empty(said.Except(names));
    }

    [Fact]
    public void Ten_thousand_made_reports_and_files_are_valid() => Gen.Int.Sample(
        seed =>
        {
            var maker = new TipMaker(seed, fullness: 0.4);
            Assert.Empty(DocumentCheck.Check(CyberTipWriter.Write(maker.Tip()).Bytes, Context));
            Assert.Empty(DocumentCheck.Check(CyberTipWriter.Write(maker.BatchedTip()).Bytes, Context with { FileCount = 1 }));
            Assert.Empty(DocumentCheck.Check(CyberTipWriter.Write(maker.File()).Bytes, Context));
        },
        iter: Reports);

    [Fact]
    public async Task Another_validator_finds_ten_thousand_made_reports_valid_too()
    {
        OptionalPart.Require(File.Exists("/usr/bin/xmllint"), "xmllint (Debian package libxml2-utils)");
        using var folder = new ScratchFolder();
        await using (var schema = File.Create(folder["cybertipline.xsd"]))
        {
            await schema.WriteAsync(LiveSchema.Embedded.Bytes, TestContext.Current.CancellationToken);
        }

        for (var batch = 0; batch < Reports; batch += 1000)
        {
            var paths = new List<string>();
            for (var seed = batch; seed < batch + 1000; seed++)
            {
                var maker = new TipMaker(seed, fullness: 0.4);
                var document = seed % 2 == 0 ? CyberTipWriter.Write(maker.Tip()) : CyberTipWriter.Write(maker.File());
                paths.Add(folder[$"{seed}.xml"]);
                await File.WriteAllBytesAsync(paths[^1], document.Bytes, TestContext.Current.CancellationToken);
            }

            using var xmllint = Process.Start(new ProcessStartInfo("/usr/bin/xmllint", ["--nonet", "--noout", "--schema", folder["cybertipline.xsd"], .. paths])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            })!;
            var words = await xmllint.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await xmllint.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(xmllint.ExitCode == 0, string.Join('\n', words.Split('\n').Where(line => !line.EndsWith("validates", StringComparison.Ordinal)).Take(5)));
            paths.ForEach(File.Delete);
        }
    }

    [Fact]
    public void An_addition_of_2026_is_left_out_with_a_note_unless_the_authority_has_it()
    {
        var tip = WithAdditions(new TipMaker(1, fullness: 1).Tip());

        var without = CyberTipWriter.Write(tip);
        var with = CyberTipWriter.Write(tip, LiveSchema.Embedded);

        Assert.Contains(new WritingNote(WritingChange.AdditionLeftOut, "report/incidentSummary/reportAnnotations/informational"), without.Notes);
        Assert.DoesNotContain("ageAssertionDiscrepancy", Text(without), StringComparison.Ordinal);
        Assert.Contains("<ageAssertionDiscrepancy>", Text(with), StringComparison.Ordinal);
        Assert.Empty(DocumentCheck.Check(without.Bytes, Context));
        Assert.Empty(DocumentCheck.Check(with.Bytes, Context with { Target = LiveSchema.Embedded }));
        Assert.All(DocumentCheck.Check(with.Bytes, Context), fault => Assert.Contains("2026", fault.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_text_that_is_too_long_is_cut_and_given_whole_in_the_next_additional_info()
    {
        var name = string.Concat(Enumerable.Repeat("\U0001F600", 300));
        var tip = Small() with { PersonsOrUsersReported = [new PersonOrUserReported { Account = new UserAccount { ScreenName = name }, AdditionalInfo = "said before" }] };

        var written = CyberTipWriter.Write(tip);

        var person = XDocument.Parse(Text(written)).Root!.Element("personOrUserReported")!;
        Assert.Equal(string.Concat(Enumerable.Repeat("\U0001F600", 128)), person.Element("screenName")!.Value);
        Assert.Equal($"said before\n[Continued: screenName, given whole here] {name}", person.Element("additionalInfo")!.Value);
        Assert.Equal([new WritingNote(WritingChange.Continued, "report/personOrUserReported/screenName")], written.Notes);
        Assert.Empty(DocumentCheck.Check(written.Bytes, Context));
    }

    [Fact]
    public void Characters_that_xml_forbids_go_with_a_note_and_accents_are_composed()
    {
        var written = CyberTipWriter.Write(Small() with { AdditionalInfo = "a\u0000b\uD800c e\u0301 \U0001F600" });

        Assert.Equal("abc \u00e9 \U0001F600", XDocument.Parse(Text(written)).Root!.Element("additionalInfo")!.Value);
        Assert.Equal([new WritingNote(WritingChange.CharactersRemoved, "report/additionalInfo")], written.Notes);
    }

    internal static CyberTip Small() => new()
    {
        IncidentSummary = new IncidentSummary
        {
            IncidentType = IncidentType.ChildPornography,
            IncidentDateTime = new DateTimeOffset(2026, 1, 15, 9, 30, 0, TimeSpan.Zero),
        },
        Reporter = new Reporter { ReportingPerson = new Person { Emails = [new Email("trust-safety@platform.example")] } },
    };

    private static CyberTip WithAdditions(CyberTip tip) => tip with
    {
        IncidentSummary = tip.IncidentSummary with { ReportAnnotations = (ReportAnnotations)0xff },
        Victims = [new Victim { Person = new Person { AgeAssertionDiscrepancy = true } }, .. tip.Victims],
    };

    private static string Text(WrittenDocument document) => Encoding.UTF8.GetString(document.Bytes.Span);

    private static void Collect(WrittenDocument document, HashSet<string> names)
    {
        foreach (var element in XDocument.Parse(Text(document)).Descendants())
        {
            names.Add(element.Name.LocalName);
            names.UnionWith(element.Attributes().Select(attribute => attribute.Name.LocalName));
        }
    }

    /// <summary>The two answers are read and not written: each of their elements reaches its property.</summary>
    private static void CollectAnswers(HashSet<string> names)
    {
        var blank = new TipAnswer { Step = TipStep.Upload, Class = AnswerClass.Uncertain };
        const string Answer = "<reportResponse><responseCode>1111</responseCode><responseDescription>words</responseDescription><reportId>7</reportId><fileId>f</fileId><hash>h</hash></reportResponse>";
        const string Done = "<reportDoneResponse><responseCode>0</responseCode><reportId>7</reportId><files><fileId>f</fileId><fileId>g</fileId></files></reportDoneResponse>";

        Assert.True(AnswerReader.TryRead(Encoding.UTF8.GetBytes(Answer), blank, out var answer));
        Assert.True(AnswerReader.TryRead(Encoding.UTF8.GetBytes(Done), blank, out var done));

        Assert.Equal((1111, "words", 7L, "f", "h"), (answer.Code!.Value, answer.Description, answer.ReportId!.Value, answer.FileId, answer.Hash));
        Assert.Equal(["f", "g"], done.FileIds);
        names.UnionWith(XDocument.Parse(Answer).Descendants().Concat(XDocument.Parse(Done).Descendants()).Select(element => element.Name.LocalName));
    }
}
