using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Palisade.CyberTipline;

namespace Palisade.Tests.Reporting;

/// <summary>The authority's side of the protocol without a network: it keeps what it was sent and fails when it is told to.</summary>
internal sealed class PretendAuthority(TimeProvider clock) : HttpMessageHandler
{
    private readonly Dictionary<long, Kept> _reports = [];
    private long _lastId = 4000;

    /// <summary>Faults to come, by path; each happens once.</summary>
    public List<(string Path, string Fault)> Faults { get; } = [];

    public Action<string> OnCall { get; set; } = _ => { };

    public IReadOnlyList<Kept> Finished => [.. _reports.Values.Where(report => report.State == "finished")];

    public IReadOnlyCollection<Kept> All => _reports.Values;

    public List<string> Calls { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.Segments[^1];
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        lock (_reports)
        {
            return Meet(path, body);
        }
    }

    private HttpResponseMessage Meet(string path, byte[] body)
    {
        OnCall(path);
        Calls.Add(path);
        var index = Faults.FindIndex(fault => fault.Path == path);
        if (index < 0)
        {
            return Answer(path, body);
        }

        var fault = Faults[index].Fault;
        Faults.RemoveAt(index);
        switch (fault)
        {
            case "500-before":
                return new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("oops") };
            case "500-after":
                Answer(path, body);
                return new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("oops") };
            case "break-before":
                throw new HttpRequestException(HttpRequestError.ConnectionError);
            case "break-after":
                Answer(path, body);
                throw new HttpRequestException(HttpRequestError.ResponseEnded);
            case "401":
                return new HttpResponseMessage(HttpStatusCode.Unauthorized);
            default:
                return Say(int.Parse(fault, CultureInfo.InvariantCulture), "on purpose");
        }
    }

    private HttpResponseMessage Answer(string path, byte[] body)
    {
        switch (path)
        {
            case "submit":
                if (DocumentCheck.Check(body, new CheckContext { Now = clock.GetUtcNow(), IsKnownReport = _reports.ContainsKey }) is { Count: > 0 })
                {
                    return Say(4100, "not valid");
                }

                _reports[++_lastId] = new Kept(_lastId, Encoding.UTF8.GetString(body));
                return Say(0, "ok", $"<reportId>{_lastId}</reportId>");
            case "fileinfo":
                var details = Encoding.UTF8.GetString(body);
                var described = _reports.Values.FirstOrDefault(one => details.Contains($"<reportId>{one.Id}</reportId>", StringComparison.Ordinal));
                if (described is null or { State: not "open" })
                {
                    return Say(5001, "no such report");
                }

                described.Details.Add(details);
                return Say(0, "ok", $"<reportId>{described.Id}</reportId>");
            default:
                var (id, file) = Form(body);
                if (!_reports.TryGetValue(id, out var report) || report.State == "gone")
                {
                    return Say(5001, "no such report");
                }

                if (report.State != "open")
                {
                    return Say(report.State == "finished" ? 5102 : 5101, "ended");
                }

                switch (path)
                {
                    case "upload":
                        var fileId = $"file{report.Files.Count + 1}of{id}";
                        report.Files.Add((fileId, file!));
#pragma warning disable CA5351 // The protocol's own check of transfer.
                        return Say(0, "ok", $"<reportId>{id}</reportId><fileId>{fileId}</fileId><hash>{Convert.ToHexStringLower(MD5.HashData(file!))}</hash>");
#pragma warning restore CA5351
                    case "finish":
                        report.State = "finished";
                        return Xml($"<reportDoneResponse><responseCode>0</responseCode><reportId>{id}</reportId><files>{string.Concat(report.Files.Select(one => $"<fileId>{one.FileId}</fileId>"))}</files></reportDoneResponse>");
                    default:
                        report.State = "retracted";
                        return Say(0, "ok", $"<reportId>{id}</reportId>");
                }
        }
    }

    private static (long Id, byte[]? File) Form(byte[] body)
    {
        var text = Encoding.Latin1.GetString(body);
        var boundary = text[..text.IndexOf("\r\n", StringComparison.Ordinal)];
        var parts = text.Split(boundary);
        var id = long.Parse(Content(parts[1]), CultureInfo.InvariantCulture);
        return (id, parts.Length > 3 ? Encoding.Latin1.GetBytes(Content(parts[2])) : null);

        static string Content(string part)
        {
            var start = part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            return part[start..^2];
        }
    }

    private static HttpResponseMessage Say(int code, string words, string more = "") => Xml(
        $"<reportResponse><responseCode>{code}</responseCode><responseDescription>{words}</responseDescription>{more}</reportResponse>");

    private static HttpResponseMessage Xml(string xml)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(xml, Encoding.UTF8, "text/xml") };
        answer.Headers.Add("Request-ID", "r-1");
        return answer;
    }

    internal sealed class Kept(long id, string xml)
    {
        public long Id { get; } = id;

        public string Xml { get; } = xml;

        public string State { get; set; } = "open";

        public List<(string FileId, byte[] Bytes)> Files { get; } = [];

        public List<string> Details { get; } = [];
    }
}
