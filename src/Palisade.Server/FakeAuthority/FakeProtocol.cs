using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;
using Palisade.CyberTipline;

namespace Palisade.Server.FakeAuthority;

/// <summary>What each endpoint does to the reports, and how it refuses. One request at a time changes anything.</summary>
internal sealed partial class FakeProtocol
{
    private readonly FakeLedger _ledger;
    private readonly Func<DateTimeOffset> _now;
    private readonly LiveSchema _schema;
    private readonly Lock _turn = new();

    public FakeProtocol(FakeLedger ledger, Func<DateTimeOffset> now, bool hasAdditions2026)
    {
        _ledger = ledger;
        _now = now;
        _schema = hasAdditions2026 ? LiveSchema.Embedded : LiveSchema.Parse(WithoutAdditions());
    }

    public IReadOnlyList<FakeReport> Reports
    {
        get
        {
            lock (_turn)
            {
                return _ledger.All;
            }
        }
    }

    public void Restart()
    {
        lock (_turn)
        {
            _ledger.Reload();
        }
    }

    public FakeAnswer Inspect()
    {
        lock (_turn)
        {
            return new FakeAnswer(0, "") { Document = Encoding.UTF8.GetBytes(_ledger.ToJson()), ContentType = "application/json; charset=utf-8" };
        }
    }

    public FakeAnswer Schema() => new(0, "") { Document = _schema.Bytes };

    public FakeAnswer Submit(byte[] body)
    {
        if (Refusal(body, "report", new CheckContext { Now = _now(), Target = _schema }) is { } refusal)
        {
            return refusal;
        }

        lock (_turn)
        {
            var isBatched = XDocument.Load(new MemoryStream(body)).Root!.Element("batchedReport") is not null;
            return Success(_ledger.Open(Encoding.UTF8.GetString(body), isBatched));
        }
    }

    public FakeAnswer Upload(FakeForm? form)
    {
        if (form is not { Id: { } id, File: { } file })
        {
            return new FakeAnswer(4200, "The form needs id and file, their names quoted, and a length.");
        }

        lock (_turn)
        {
            if (Find(id, out var report) is { } refusal)
            {
                return refusal;
            }

            _ledger.Keep(report! with { LastFileAt = _now(), Files = [.. report.Files, file] });
            return Success(report) with { FileId = file.FileId, Hash = file.Md5 };
        }
    }

    public FakeAnswer Describe(byte[] body)
    {
        if (Refusal(body, "fileDetails", new CheckContext { Now = _now(), Target = _schema }) is { } malformed)
        {
            return malformed;
        }

        var details = XDocument.Load(new MemoryStream(body)).Root!;
        var fileId = details.Element("fileId")!.Value.Trim();
        lock (_turn)
        {
            if (Find((long)details.Element("reportId")!, out var report) is { } refusal)
            {
                return refusal;
            }

            if (report!.Files.FirstOrDefault(known => known.FileId == fileId) is not { } file)
            {
                return new FakeAnswer(5002, "The file does not exist.");
            }

            if (file.DetailsXml is not null)
            {
                return Invalid("The file's details were given before. [R-19]");
            }

            if (Refusal(body, "fileDetails", new CheckContext { Now = _now(), Target = _schema, IsBatched = report.IsBatched }) is { } unbatched)
            {
                return unbatched;
            }

            var described = file with { DetailsXml = Encoding.UTF8.GetString(body) };
            _ledger.Keep(report with { LastFileAt = _now(), Files = [.. report.Files.Select(known => known.FileId == fileId ? described : known)] });
            return Success(report);
        }
    }

    public FakeAnswer Finish(FakeForm? form)
    {
        if (form?.Id is not { } id)
        {
            return new FakeAnswer(4200, "The form needs id, its name quoted, and a length.");
        }

        lock (_turn)
        {
            if (Find(id, out var report) is { } refusal)
            {
                return refusal;
            }

            if (report is { IsBatched: true, Files.Count: > 1 })
            {
                return Invalid("A batched report goes with one file at most. [R-17]");
            }

            _ledger.Keep(report! with { State = FakeReportState.Finished, FinishedAt = _now() });
            return Success(report) with { FileIds = [.. report.Files.Select(file => file.FileId)] };
        }
    }

    public FakeAnswer Retract(FakeForm? form)
    {
        if (form?.Id is not { } id)
        {
            return new FakeAnswer(4200, "The form needs id, its name quoted, and a length.");
        }

        lock (_turn)
        {
            if (Find(id, out var report) is { } refusal)
            {
                return refusal;
            }

            _ledger.Keep(report! with { State = FakeReportState.Retracted });
            return Success(report);
        }
    }

    private static FakeAnswer Success(FakeReport report) => new(0, "Success") { ReportId = report.ReportId };

    private static FakeAnswer Invalid(string description) =>
        new(4100, description) { HttpStatus = StatusCodes.Status400BadRequest };

    private static FakeAnswer? Refusal(byte[] body, string root, CheckContext context)
    {
        var faults = DocumentCheck.Check(body, context);
        if (faults.Count == 0)
        {
            using var reader = XmlReader.Create(new MemoryStream(body));
            reader.MoveToContent();
            return reader.LocalName == root ? null : Invalid($"Here belongs a {root} document.");
        }

        return faults[0].Rule == "xml"
            ? new FakeAnswer(4110, faults[0].ToString()) { HttpStatus = StatusCodes.Status400BadRequest }
            : Invalid(string.Join(" | ", faults.Take(10)));
    }

    private FakeAnswer? Find(long id, out FakeReport? report)
    {
        report = _ledger.Find(id);
        return report?.State switch
        {
            FakeReportState.Open => null,
            FakeReportState.Finished => new FakeAnswer(5102, "The report is already finished."),
            FakeReportState.Retracted => new FakeAnswer(5101, "The report is already retracted."),
            _ => new FakeAnswer(5001, "The report does not exist."),
        };
    }

    /// <summary>Each addition stands on a line of its own in our schema.</summary>
    private static byte[] WithoutAdditions() =>
        Encoding.UTF8.GetBytes(Addition().Replace(Encoding.UTF8.GetString(LiveSchema.Embedded.Bytes.Span), ""));

    [GeneratedRegex(@"^.*<xs:documentation>2026 addition</xs:documentation>.*\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Addition();
}
