using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Palisade.Client;

/// <summary>
/// Talks to a Palisade service on behalf of a platform. Safe for many callers at once; makes each call once, and leaves
/// waiting and repeating to <see cref="HeldUploads"/>.
/// </summary>
/// <remarks>
/// Every call throws <see cref="PalisadeProblemException"/> when the service refused it, and
/// <see cref="PalisadeUnavailableException"/> when there was no answer.
/// </remarks>
public sealed class PalisadeClient
{
    private const int FeedPage = 500;

    /// <summary>
    /// From this many bytes on the service is asked for its leave before they are sent (Expect: 100-continue), so that
    /// a refusal costs nobody the upload; below it the question would take longer than the bytes.
    /// </summary>
    private const long AsksLeaveFromBytes = 1 << 20;

    private readonly HttpClient _http;
    private readonly PalisadeClientOptions _options;
    private readonly TimeProvider _clock;

    /// <param name="http">Stays the caller's; one for the life of the process is right.</param>
    /// <param name="clock">The system's clock unless given.</param>
    public PalisadeClient(HttpClient http, PalisadeClientOptions options, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Fault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }

        _http = http;
        _options = options;
        _clock = clock ?? TimeProvider.System;
    }

    internal TimeProvider Clock => _clock;

    /// <summary>Has one upload checked. Answers in milliseconds; the upload stays hidden until then.</summary>
    /// <exception cref="IOException">
    /// The upload's own stream could not be opened or read: no fault of the service, so repeating helps only where the
    /// stream may mend.
    /// </exception>
    public async Task<ScanAnswer> ScanAsync(Upload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);

        // Opened here, so that a file that is gone is the platform's error and not taken for a silent service.
        await using var bytes = upload.Open();
        using var form = new MultipartFormDataContent
        {
            { new StringContent(upload.Service), "service" },
            { new StringContent(upload.ContentId), "contentId" },
        };
        Add(form, "uploaderToken", upload.UploaderToken);
        Add(form, "time", upload.Time?.ToString("O", CultureInfo.InvariantCulture));
        AddFacts(form, upload.FileName, upload.Network, upload.Context);

        // Last, so that the service knows whose it is before the first byte; its true name is nobody's business.
        var content = new UploadContent(bytes);
        form.Add(content, "file", "upload");

        using var request = Request(HttpMethod.Post, "v1/scan");
        request.Content = form;
        request.Headers.Add("Idempotency-Key", upload.IdempotencyKey);
        request.Headers.ExpectContinue = content.Headers.ContentLength is not < AsksLeaveFromBytes;
        try
        {
            return await SendAsync(request, ClientJson.Default.ScanAnswer, cancellationToken);
        }
        catch (PalisadeUnavailableException) when (content.ReadFailure is { } failure)
        {
            throw new IOException("The upload itself could not be read to its end.", failure);
        }
    }

    /// <summary>Has a person's complaint become a case. Needs the scope <c>cases.write</c>.</summary>
    public async Task<FlagAnswer> FlagAsync(ContentFlag flag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flag);
        using var form = new MultipartFormDataContent { { new StringContent(flag.Service), "service" } };
        Add(form, "contentId", flag.ContentId);
        Add(form, "text", flag.Text);
        Add(form, "reference", flag.Reference);
        Add(form, "category", flag.Category);
        Add(form, "reporterToken", flag.ReporterToken);
        Add(form, "uploaderToken", flag.UploaderToken);
        AddFacts(form, flag.FileName, flag.Network, flag.Context);
        if (!flag.File.IsEmpty)
        {
            form.Add(new ReadOnlyMemoryContent(flag.File), "file", "upload");
        }

        using var request = Request(HttpMethod.Post, "v1/cases");
        request.Content = form;
        request.Headers.Add("Idempotency-Key", flag.IdempotencyKey);
        return await SendAsync(request, ClientJson.Default.FlagAnswer, cancellationToken);
    }

    /// <summary>Looks up fingerprints that the platform computed itself.</summary>
    /// <param name="items">At most 1,000.</param>
    /// <returns>One answer for each item, in the same order.</returns>
    public async Task<IReadOnlyList<ScanAnswer>> LookupAsync(
        string service, IReadOnlyList<LookupItem> items, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "v1/lookup");
        request.Content = JsonContent.Create(new LookupBatch(service, items), ClientJson.Default.LookupBatch);
        var answer = await SendAsync(request, ClientJson.Default.LookupBatchAnswer, cancellationToken);

        // A short list would leave an item without a verdict, and the caller might read that as clean.
        return answer.Answers.Count == items.Count
            ? answer.Answers
            : throw new PalisadeUnavailableException("Palisade answered another number of items.", null, null);
    }

    /// <summary>The verdict that is in force now for a scan that was not clean.</summary>
    /// <returns>Null when no such scan is kept: nothing is kept of a clean one.</returns>
    public async Task<ScanRecord?> GetScanAsync(string id, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"v1/scans/{Uri.EscapeDataString(id)}");
        try
        {
            return await SendAsync(request, ClientJson.Default.ScanRecord, cancellationToken);
        }
        catch (PalisadeProblemException refused) when (refused.Problem.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Every change of a verdict, in order, each once, without end. While the service gives no answer it waits and goes
    /// on where it was; a refusal (a key that was revoked) ends it with <see cref="PalisadeProblemException"/>.
    /// </summary>
    /// <param name="after">
    /// <see cref="VerdictChange.Sequence"/> of the last change that was acted upon; 0 to begin. A platform stores it
    /// after acting: after a crash it may meet the last change again and never misses one.
    /// </param>
    public async IAsyncEnumerable<VerdictChange> FollowVerdictsAsync(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            IReadOnlyList<VerdictChange> changes = [];
            var rest = _options.FeedRest;
            try
            {
                changes = await ReadVerdictsAsync(after, cancellationToken);
                failures = 0;
            }
            catch (PalisadeUnavailableException unavailable)
            {
                rest = Patience.After(++failures, unavailable.RetryAfter);
            }

            foreach (var change in changes)
            {
                // What a proxy answered from its memory is behind us already.
                if (change.Sequence > after)
                {
                    after = change.Sequence;
                    yield return change;
                }
            }

            if (changes.Count < FeedPage)
            {
                await Task.Delay(rest, _clock, cancellationToken);
            }
        }
    }

    private static void Add(MultipartFormDataContent form, string name, string? value)
    {
        if (value is not null)
        {
            form.Add(new StringContent(value), name);
        }
    }

    private static void AddFacts(
        MultipartFormDataContent form, string? fileName, IReadOnlyList<NetworkFact> network, IReadOnlyList<ContextItem> context)
    {
        Add(form, "fileName", fileName);
        Add(form, "network", network.Count == 0 ? null : JsonSerializer.Serialize(network, ClientJson.Default.IReadOnlyListNetworkFact));
        Add(form, "context", context.Count == 0 ? null : JsonSerializer.Serialize(context, ClientJson.Default.IReadOnlyListContextItem));
    }

    private async Task<IReadOnlyList<VerdictChange>> ReadVerdictsAsync(long after, CancellationToken cancellationToken)
    {
        // The service keeps a quiet call open until there is news, for at most half of what we would bear.
        var wait = (int)Math.Min(20, _options.CallTimeout.TotalSeconds / 2);
        using var request = Request(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"v1/verdicts?after={after}&limit={FeedPage}&wait={wait}"));
        return (await SendAsync(request, ClientJson.Default.VerdictPage, cancellationToken)).Changes;
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var root = _options.Address.AbsoluteUri;
        var request = new HttpRequestMessage(method, new Uri(root.EndsWith('/') ? root + path : $"{root}/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        return request;
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.CallTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(response, either.Token);
            }

            return await response.Content.ReadFromJsonAsync(type, either.Token)
                ?? throw new JsonException("The answer is empty.");
        }
        catch (OperationCanceledException cancelled) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PalisadeUnavailableException("Palisade did not answer in time.", null, cancelled);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException)
        {
            throw new PalisadeUnavailableException("Palisade was not reached, or its answer was cut short.", null, broken);
        }
    }

    private async Task<Exception> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // 408, 429 and all of 5xx say "not now"; the rest say that the same call will never succeed.
        var status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500)
        {
            return new PalisadeUnavailableException($"Palisade has no answer now ({status}).", RetryAfter(response), null);
        }

        var isProblem = response.Content.Headers.ContentType?.MediaType == "application/problem+json";
        var problem = isProblem
            ? await response.Content.ReadFromJsonAsync(ClientJson.Default.PalisadeProblem, cancellationToken)
            : null;
        problem ??= new PalisadeProblem { Title = response.ReasonPhrase ?? "" };
        return new PalisadeProblemException(problem with { Status = status });
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - _clock.GetUtcNow());
        return wait > TimeSpan.Zero ? wait : null;
    }
}
