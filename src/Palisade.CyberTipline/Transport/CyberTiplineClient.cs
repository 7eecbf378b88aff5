using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Palisade.CyberTipline;

/// <summary>
/// Speaks with one environment of the CyberTipline: each call is one attempt, and every answer is a value that says what
/// to do next. Safe for many callers at once.
/// </summary>
/// <remarks>
/// Between the calls the caller stores what was acknowledged; the protocol has no idempotency key, and a report counts
/// only when it is finished. Nothing of a body is ever put into an exception or a log.
/// </remarks>
public sealed class CyberTiplineClient : IDisposable
{
    /// <summary>For an exchange without a file, and the least for one with.</summary>
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(60);

    /// <summary>The slowest line on which an upload is still waited for.</summary>
    private const double LeastBytesPerSecond = 64 * 1024;

    private readonly CyberTiplineEndpoint _endpoint;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    /// <param name="handler">For a proxy or a test; stays the caller's. It must not follow redirects.</param>
    public CyberTiplineClient(CyberTiplineEndpoint endpoint, TimeProvider? clock = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        _endpoint = endpoint;
        _clock = clock ?? TimeProvider.System;
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, disposeHandler: handler is null)
        {
            BaseAddress = endpoint.Address,

            // Each call has its own, by the size of what it sends.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var credentials = Encoding.UTF8.GetBytes($"{endpoint.UserName}:{endpoint.Password}");
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(credentials));
    }

    public TipEnvironment Environment => _endpoint.Environment;

    public void Dispose() => _http.Dispose();

    /// <summary>Asks whether the authority answers and knows the credentials.</summary>
    public Task<TipAnswer> GetStatusAsync(CancellationToken cancellationToken) =>
        SendAsync(TipStep.Status, HttpMethod.Get, "status", null, 0, cancellationToken);

    /// <summary>The environment's own schema. Ask weekly, and raise an alarm when <see cref="LiveSchema.IsDifferent"/>.</summary>
    /// <returns>The schema is null when the answer was none; the answer then says why.</returns>
    public async Task<(LiveSchema? Schema, TipAnswer Answer)> GetSchemaAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(TipStep.Schema, HttpMethod.Get, "xsd", null, 0, cancellationToken);
        if (answer.Class != AnswerClass.Success)
        {
            return (null, answer);
        }

        try
        {
            return (LiveSchema.Parse(answer.Body), answer);
        }
        catch (System.Xml.XmlException)
        {
            return (null, answer with { Class = AnswerClass.NeedsHuman, Description = "The answer on /xsd is no XML schema." });
        }
    }

    /// <summary>Opens a report. On success <see cref="TipAnswer.ReportId"/> is set.</summary>
    /// <param name="reportXml">A checked report document in UTF-8.</param>
    public Task<TipAnswer> SubmitAsync(ReadOnlyMemory<byte> reportXml, CancellationToken cancellationToken) =>
        SendAsync(TipStep.Submit, HttpMethod.Post, "submit", Xml(reportXml), reportXml.Length, cancellationToken);

    /// <summary>Sends one file of an open report, once.</summary>
    /// <param name="fileName">Of the part in the form; the user's own name for it belongs into the file details.</param>
    /// <param name="lengthBytes">All of the stream that is sent.</param>
    /// <returns><see cref="AnswerClass.WrongHash"/> when the authority received other bytes.</returns>
    /// <exception cref="IOException">The stream itself failed; its own exception is inside.</exception>
    public async Task<TipAnswer> UploadAsync(
        OpenReport report, string fileName, Stream bytes, long lengthBytes, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(fileName);
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        var file = new MeasuredContent(bytes, lengthBytes);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var form = Form(report);
        form.Add(Part(file, "file", fileName));
        var answer = await SendAsync(TipStep.Upload, HttpMethod.Post, "upload", form, lengthBytes, cancellationToken);
        if (file.ReadFailure is { } failure)
        {
            throw new IOException("The file to be reported could not be read to its end; nothing of it counts as uploaded.", failure);
        }

        if (answer.Class != AnswerClass.Success)
        {
            return answer;
        }

        return string.Equals(answer.Hash, file.Md5, StringComparison.OrdinalIgnoreCase)
            ? answer
            : answer with { Class = AnswerClass.WrongHash, Description = "The MD5 that came back is not that of the file that was sent." };
    }

    /// <summary>Describes one uploaded file, once, before the report is finished.</summary>
    /// <param name="fileDetailsXml">A checked fileDetails document in UTF-8, for this report.</param>
    public Task<TipAnswer> DescribeAsync(ReadOnlyMemory<byte> fileDetailsXml, CancellationToken cancellationToken) =>
        SendAsync(TipStep.FileInfo, HttpMethod.Post, "fileinfo", Xml(fileDetailsXml), fileDetailsXml.Length, cancellationToken);

    /// <summary>Files the report. The answer's body is the receipt; compare <see cref="TipAnswer.FileIds"/> with those stored.</summary>
    public Task<TipAnswer> FinishAsync(OpenReport report, CancellationToken cancellationToken) =>
        SendAsync(TipStep.Finish, HttpMethod.Post, "finish", Form(report), 0, cancellationToken);

    /// <summary>Takes an open report back.</summary>
    public Task<TipAnswer> RetractAsync(OpenReport report, CancellationToken cancellationToken) =>
        SendAsync(TipStep.Retract, HttpMethod.Post, "retract", Form(report), 0, cancellationToken);

    private static ReadOnlyMemoryContent Xml(ReadOnlyMemory<byte> document) => new(document)
    {
        // The character set matters for text beyond ASCII.
        Headers = { ContentType = new MediaTypeHeaderValue("text/xml", "utf-8") },
    };

    /// <summary>With the names quoted, which the framework leaves out and some servers insist on.</summary>
    private static HttpContent Part(HttpContent content, string name, string? fileName = null)
    {
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data")
        {
            Name = $"\"{name}\"",
            FileName = fileName is null ? null : $"\"{Plain(fileName)}\"",
        };
        return content;
    }

    /// <summary>A name that cannot end the quotes or the line that it stands in.</summary>
    private static string Plain(string fileName) =>
        string.Concat(fileName.Select(letter => letter is >= ' ' and <= '~' and not ('"' or '\\' or '/') ? letter : '_').Take(255));

    private MultipartContent Form(OpenReport report)
    {
        if (report.Environment != _endpoint.Environment)
        {
            throw new ArgumentException(
                $"Report {report.ReportId} was opened in {report.Environment}, and this client speaks with {_endpoint.Environment}.", nameof(report));
        }

        var id = new StringContent(report.ReportId.ToString(CultureInfo.InvariantCulture));
        id.Headers.ContentType = null;
        return new MultipartContent("form-data", $"palisade-{Guid.NewGuid():N}") { Part(id, "id") };
    }

    private async Task<TipAnswer> SendAsync(
        TipStep step, HttpMethod method, string path, HttpContent? content, long lengthBytes, CancellationToken cancellationToken)
    {
        var patience = LeastPatience + TimeSpan.FromSeconds(lengthBytes / LeastBytesPerSecond);
        using var timeout = new CancellationTokenSource(patience, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            var most = step == TipStep.Schema ? LiveSchema.MaxBytes : AnswerReader.MaxBytes;
            var body = await ReadAsync(response.Content, most, linked.Token);
            return Judge(step, response, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unanswered(step, string.Create(CultureInfo.InvariantCulture, $"No answer within {patience.TotalSeconds:0} seconds."));
        }
        catch (HttpRequestException failure)
        {
            return Unanswered(step, $"No answer: {failure.HttpRequestError}.");
        }
        catch (HttpIOException failure)
        {
            return Unanswered(step, $"The answer broke off: {failure.HttpRequestError}.");
        }
    }

    /// <returns>One byte more than allowed where there is more.</returns>
    private static async Task<byte[]> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while (kept.Length <= maxBytes &&
            (count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, maxBytes + 1 - kept.Length)), cancellationToken)) > 0)
        {
            kept.Write(buffer, 0, count);
        }

        return kept.ToArray();
    }

    private TipAnswer Judge(TipStep step, HttpResponseMessage response, byte[] body)
    {
        var status = (int)response.StatusCode;
        var blank = new TipAnswer
        {
            Step = step,
            Class = AnswerCodes.ClassOfStatus(status),
            HttpStatus = status,
            RequestId = response.Headers.TryGetValues("Request-ID", out var ids) ? string.Join(' ', ids) : null,
            Body = body,
            ReceivedAt = _clock.GetUtcNow(),
            Description = string.Create(CultureInfo.InvariantCulture, $"HTTP {status} without an answer that can be read."),
        };
        if (step == TipStep.Schema && status == 200)
        {
            return body.Length <= LiveSchema.MaxBytes
                ? blank with { Class = AnswerClass.Success, Code = AnswerCodes.Success, Description = "" }
                : blank with { Class = AnswerClass.NeedsHuman, Body = default, Description = "The answer on /xsd is too large." };
        }

        if (!AnswerReader.TryRead(body, blank, out var answer))
        {
            return body.Length > AnswerReader.MaxBytes ? blank with { Body = default } : blank;
        }

        if (status == 401)
        {
            return answer with { Class = AnswerClass.Credentials };
        }

        // A success that lacks what the next step needs is none.
        var lacks = answer.Class == AnswerClass.Success &&
            ((step == TipStep.Submit && answer.ReportId is null) || (step == TipStep.Upload && string.IsNullOrEmpty(answer.FileId)));
        return lacks ? answer with { Class = AnswerClass.Uncertain, Description = "Code 0 without the id that belongs to it." } : answer;
    }

    private TipAnswer Unanswered(TipStep step, string description) => new()
    {
        Step = step,
        Class = AnswerClass.Uncertain,
        Description = description,
        ReceivedAt = _clock.GetUtcNow(),
    };
}
