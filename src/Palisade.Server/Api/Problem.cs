using System.Text.Json;

namespace Palisade.Server.Api;

/// <summary>
/// The fixed list of everything that the API can answer besides success (RFC 9457). A body holds the words below and
/// nothing else: nothing of the caller's, nothing of ours, so an error can never carry a name, a hash or a hint.
/// </summary>
public sealed class Problem : IResult
{
    private static readonly List<Problem> Known = [];

    public static readonly Problem KeyMissing = new(401, "key-missing", "An API key is needed",
        "Send the header 'Authorization: Bearer pal_...'. `palisade key create` makes a key.");

    public static readonly Problem KeyNotValid = new(401, "key-not-valid", "The API key is not valid",
        "It is unknown, expired or revoked. `palisade key create` makes another.");

    public static readonly Problem NetworkNotAllowed = new(403, "network-not-allowed", "Not from this network",
        "The key may be used from the networks on its list only. Create a key whose list has this one.");

    public static readonly Problem NotThroughProxy = new(403, "not-through-proxy", "Calls come through the proxy",
        "A trusted proxy is set, and this call did not come from it.");

    public static readonly Problem ScopeMissing = new(403, "scope-missing", "The key's scopes do not cover this",
        "The API description names the scope of each call. Create a key that has it.");

    public static readonly Problem RateLimited = new(429, "rate-limited", "Too many calls with this key",
        "Wait for the time in Retry-After, then go on. Nothing was looked at, so there is no verdict.");

    public static readonly Problem Overloaded = new(503, "overloaded", "Busy",
        "Keep the upload back, wait for the time in Retry-After and send it again. This is not a verdict.");

    public static readonly Problem NotReady = new(503, "not-ready", "Not ready yet",
        "The banks are not in memory yet. Keep the upload back and send it again. This is not a verdict.");

    public static readonly Problem NoSuchRoute = new(404, "no-such-route", "Nothing is here",
        "The API description at /openapi/v1.json lists every call.");

    public static readonly Problem MethodNotAllowed = new(405, "method-not-allowed", "Not with this method",
        "The API description at /openapi/v1.json lists the methods of every call.");

    public static readonly Problem RequestNotValid = new(400, "request-not-valid", "The request cannot be read",
        "It breaks the rules of HTTP, or a number or word in its address is not of the right form.");

    public static readonly Problem RequestTooSlow = new(408, "request-too-slow", "The request came too slowly",
        "Send the whole request without pauses.");

    public static readonly Problem TypeNotSupported = new(415, "type-not-supported", "Not this content type",
        "Send multipart/form-data where a file is sent, and application/json everywhere else.");

    public static readonly Problem JsonNotValid = new(400, "json-not-valid", "The JSON cannot be used",
        "It is not JSON, lacks a field that is needed, has one of the wrong kind, or one that is not known.");

    public static readonly Problem MultipartNotValid = new(400, "multipart-not-valid", "The multipart body cannot be read",
        "Send multipart/form-data (RFC 7578) with its boundary, each part with its name, each field once.");

    public static readonly Problem FileMissing = new(400, "file-missing", "The file is missing",
        "Send one part named 'file' with a file name.");

    public static readonly Problem FieldUnknown = new(400, "field-unknown", "A part has a name that is not known",
        "The API description lists the parts.");

    public static readonly Problem FieldNotValid = new(400, "field-not-valid", "A field's value cannot be used",
        "Fields are text in UTF-8 without control characters, at most 512 characters; times are ISO 8601 with an offset.");

    public static readonly Problem ServiceMissing = new(400, "service-missing", "The service is missing",
        "Send the field 'service' with the name of a service in the policy file.");

    public static readonly Problem ServiceUnknown = new(400, "service-unknown", "The policy has no such service",
        "Use a name from the policy file, or add the service to it and start again. Nothing was looked at.");

    public static readonly Problem UploadTooLarge = new(413, "upload-too-large", "The upload is too large",
        "Its limit is the setting limits.maxUploadBytes. Nothing was looked at, so there is no verdict.");

    public static readonly Problem BatchTooLarge = new(400, "batch-too-large", "Too many items",
        "Send at least 1 and at most 1,000 items in one call.");

    public static readonly Problem HashNotValid = new(400, "hash-not-valid", "A hash is not of its form",
        "Hexadecimal digits: 64 for pdq and sha256, 40 for sha1, 32 for md5; quality 0 to 100; at least one hash an item.");

    public static readonly Problem IdempotencyKeyNotValid = new(400, "idempotency-key-not-valid", "The idempotency key cannot be used",
        "Send one header Idempotency-Key with 1 to 255 visible ASCII characters.");

    public static readonly Problem IdempotencyKeyReused = new(422, "idempotency-key-reused", "The idempotency key was used for something else",
        "Send the same request under the same key, or this request under a new one.");

    public static readonly Problem AuditUnavailable = new(503, "audit-unavailable", "The audit log takes no entry",
        "What was asked for was not done, since it could not be written down first. The service's own log says what to mend.");

    public static readonly Problem AuditPartUnknown = new(404, "audit-part-unknown", "No such part of the audit log is here",
        "Read /v1/audit/checkpoint first: its size says which tiles and bundles exist. Only the node that signs has them all.");

    public static readonly Problem ScanNotKept = new(404, "scan-not-kept", "No such scan is kept",
        "Of a scan that is allowed nothing is kept.");

    public static readonly Problem BankUnknown = new(404, "bank-unknown", "There is no such bank",
        "GET /v1/banks lists the banks.");

    public static readonly Problem BankNameTaken = new(409, "bank-name-taken", "A bank has this name",
        "Choose another name, or change that bank.");

    public static readonly Problem BankNotValid = new(400, "bank-not-valid", "The bank cannot be so",
        "Name 1 to 64 of a-z, 0-9 and '-'; an owner; distance 0 to 255; quality 0 to 100; ratio 0 to 1.");

    public static readonly Problem BankInUse = new(409, "bank-in-use", "The policy names this bank",
        "Take the name out of the policy file and start again, then remove the bank.");

    public static readonly Problem SecondPersonNeeded = new(403, "second-person-needed", "Nobody does this alone",
        "A second person must approve it. Run it on the command line: palisade bank ... --ask \"WHY\", then palisade approval approve.");

    public static readonly Problem EvidenceUnknown = new(404, "evidence-unknown", "There is no such evidence",
        "A case names its evidence. A certificate is there once a piece was destroyed.");

    public static readonly Problem CaseUnknown = new(404, "case-unknown", "There is no such case",
        "GET /v1/cases lists the cases.");

    public static readonly Problem FlagEmpty = new(400, "flag-empty", "There is nothing to look at",
        "Send a file, a text, or a reference to where the content is.");

    public static readonly Problem DecisionNotValid = new(400, "decision-not-valid", "The decision cannot be so",
        "It needs a reason of 1 to 4,000 characters, words of the documented lists, and an incident type for another reportable offence.");

    public static readonly Problem CaseNotSo = new(409, "case-not-so", "The case does not allow that now",
        "It is decided or closed, has uploads that were not seen, or needs another person. Look at it again, then decide.");

    public static readonly Problem TooLateToUndo = new(409, "too-late-to-undo", "Nothing can be undone",
        "No decision waits any more. Reopen the case once it is closed.");

    public static readonly Problem ReportUnknown = new(404, "report-unknown", "There is no such report",
        "The id is not one of ours, or not of a report. /v1/reports lists them.");

    public static readonly Problem ReportNotSo = new(409, "report-not-so", "The report does not allow that now",
        "Reporting is off, the case is not decided as reportable, or a report is filed, ended or being sent. Look at /v1/reports, then decide.");

    public static readonly Problem NoteNotValid = new(400, "note-not-valid", "The note cannot be so",
        "Send text with 1 to 4,000 characters.");

    public static readonly Problem SignalUnknown = new(404, "signal-unknown", "The bank has no such signal",
        "GET /v1/banks/{bank}/signals lists its signals.");

    public static readonly Problem BankNotEmpty = new(409, "bank-not-empty", "The bank still has signals",
        "Withdraw its signals first, and finish or drop its open import.");

    public static readonly Problem SignalThere = new(409, "signal-there", "The bank has this signal already",
        "Nothing was added. Change the state of the one that is there, if that is what is wanted.");

    public static readonly Problem SignalNotUseful = new(422, "signal-not-useful", "This would match what it should not",
        "It is the digest of an empty file, a PDQ hash of a picture with nothing in it, or of a quality under the bank's least.");

    public static readonly Problem SignalNotValid = new(400, "signal-not-valid", "The signal cannot be so",
        "Send type (pdq, md5, sha1, sha256) and value in hexadecimal, or url; profile full or nn512; quality 0 to 100.");

    public static readonly Problem SignalStateNotValid = new(409, "signal-state-not-valid", "The signal cannot change so",
        "Send state (live, probation, disabled, withdrawn); disabled needs disabledUntil, a time that lies ahead.");

    public static readonly Problem PictureNotFingerprinted = new(422, "picture-not-fingerprinted", "No fingerprint could be made",
        "The file is no picture that can be read here, or there is too little in it. Its digests can be added by themselves.");

    public static readonly Problem UrlFetchOff = new(403, "url-fetch-off", "Fetching by address is off",
        "Send the file itself, or name the host in the setting fetch.allowedHosts.");

    public static readonly Problem UrlNotFetched = new(422, "url-not-fetched", "The address was not fetched",
        "Its host must be on the list fetch.allowedHosts, be public, and answer https with one plain file within the limits.");

    public static readonly Problem ApiKeyUnknown = new(404, "api-key-unknown", "There is no such key",
        "GET /v1/keys lists the keys.");

    public static readonly Problem ApiKeyNotValid = new(400, "api-key-not-valid", "The key cannot be so",
        "Give a name, at least one known scope, networks such as 10.0.0.0/8, and an end within 90 days.");

    public static readonly Problem PageNotValid = new(400, "page-not-valid", "The page cannot be so",
        "'after' is a number from 0, 'limit' 1 to 1000, 'wait' 0 to 30 seconds.");

    public static readonly Problem Unexpected = new(500, "unexpected", "Something went wrong here",
        "The service's log has it under the request id in the header X-Request-Id. There is no verdict.");

    private readonly byte[] _body;

    private Problem(int status, string word, string title, string detail)
    {
        Status = status;
        Word = word;
        _body = JsonSerializer.SerializeToUtf8Bytes(
            new { type = $"urn:palisade:problem:{word}", title, status, detail }, ApiJson.Options);
        Known.Add(this);
    }

    /// <summary>Every problem there is.</summary>
    public static IReadOnlyList<Problem> All => Known;

    public int Status { get; }

    /// <summary>The last part of the type.</summary>
    public string Word { get; }

    /// <summary>The whole body, always the same.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        response.ContentLength = _body.Length;
        if (Status is 429 or 503)
        {
            response.Headers.RetryAfter = httpContext.RequestServices.GetRequiredService<RetryAdvice>().Seconds;
        }
        else if (Status == 401)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        await response.Body.WriteAsync(_body, httpContext.RequestAborted);
        if (Status is 413 or 503)
        {
            await Lingering.ReadRestAsync(httpContext);
        }
    }
}
