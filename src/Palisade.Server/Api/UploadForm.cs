using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Palisade.Server.Api;

/// <summary>
/// A multipart upload: the body as it came, in pooled memory, the file where it lies in it, and the few text fields
/// beside it. Dispose it when the file's bytes are no longer needed.
/// </summary>
/// <remarks>The file's name is not looked at: it is the uploader's text, and nothing here needs it.</remarks>
public sealed class UploadForm : IDisposable
{
    private const string FilePart = "file";
    private const int MaxBoundaryLength = 70; // RFC 2046, section 5.1.1
    private const int MaxParts = 16;

    private const int MaxFieldCharacters = 512;
    private const int MaxFieldBytes = 4 * MaxFieldCharacters;

    /// <summary>For the fields that hold JSON or a person's words; a few of them fit into what is set aside for a form.</summary>
    private const int MaxLongFieldBytes = 16 << 10;

    private static readonly string[] LongFields = ["network", "context", "text"];

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly UploadBuffer _body = new();
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private Range? _file;

    private UploadForm()
    {
    }

    public ReadOnlyMemory<byte> File => _body.Bytes[_file!.Value];

    public bool HasFile => _file is not null;

    /// <summary>A text field; null when it was not sent.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <param name="fieldNames">The text fields that may be sent.</param>
    /// <returns>The form, or why it cannot be used.</returns>
    public static async Task<(UploadForm? Form, Problem? Refusal)> ReadAsync(
        HttpContext context, long maxFileBytes, long maxBodyBytes, string[] fieldNames, CancellationToken cancellationToken)
    {
        var (form, refusal) = await ReadWithOrWithoutFileAsync(context, maxFileBytes, maxBodyBytes, fieldNames, cancellationToken);
        if (form is { HasFile: false })
        {
            form.Dispose();
            return (null, Problem.FileMissing);
        }

        return (form, refusal);
    }

    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<(UploadForm? Form, Problem? Refusal)> ReadWithOrWithoutFileAsync(
        HttpContext context, long maxFileBytes, long maxBodyBytes, string[] fieldNames, CancellationToken cancellationToken)
    {
        if (BoundaryOf(context.Request) is not { } boundary)
        {
            return (null, Problem.TypeNotSupported);
        }

        if (context.Request.ContentLength > maxBodyBytes)
        {
            return (null, Problem.UploadTooLarge);
        }

        // What is more than the file may have is refused below while it arrives; the rest is for reading it away.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize =
            maxBodyBytes + Lingering.MaxBytes;
        var form = new UploadForm();
        var isRead = false;
        try
        {
            var refusal = await form.FillAsync(context.Request, maxBodyBytes, cancellationToken) ??
                form.ReadParts(boundary, maxFileBytes, fieldNames);
            isRead = refusal is null;
            return (isRead ? form : null, refusal);
        }
        finally
        {
            if (!isRead)
            {
                form.Dispose();
            }
        }
    }

    public void Dispose() => _body.Dispose();

    private async Task<Problem?> FillAsync(HttpRequest request, long maxBodyBytes, CancellationToken cancellationToken)
    {
        try
        {
            return await _body.TryFillAsync(request.Body, request.ContentLength, maxBodyBytes, cancellationToken)
                ? null
                : Problem.UploadTooLarge;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problem.UploadTooLarge;
        }
        catch (IOException exception) when (
            exception is not BadHttpRequestException && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return Problem.MultipartNotValid;
        }
    }

    private Problem? ReadParts(string boundary, long maxFileBytes, string[] fieldNames)
    {
        var body = _body.Bytes.Span;
        var parts = new MultipartParts(body, boundary);
        for (var count = 1; parts.TryNext(); count++)
        {
            if (count > MaxParts)
            {
                return Problem.MultipartNotValid;
            }

            var refusal = parts.Name == FilePart ? TakeFile(parts.Content, maxFileBytes)
                : fieldNames.Contains(parts.Name, StringComparer.Ordinal) ? TakeField(parts.Name, body[parts.Content])
                : Problem.FieldUnknown;
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return parts.IsWhole ? null : Problem.MultipartNotValid;
    }

    private Problem? TakeFile(Range content, long maxFileBytes)
    {
        if (_file is not null)
        {
            return Problem.MultipartNotValid;
        }

        _file = content;
        return File.Length > maxFileBytes ? Problem.UploadTooLarge : null;
    }

    private Problem? TakeField(string name, ReadOnlySpan<byte> bytes)
    {
        var isLong = LongFields.Contains(name, StringComparer.Ordinal);
        if (bytes.Length > (isLong ? MaxLongFieldBytes : MaxFieldBytes))
        {
            return Problem.FieldNotValid;
        }

        string text;
        try
        {
            text = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Problem.FieldNotValid;
        }

        // What people write has lines.
        return (!isLong && text.Length > MaxFieldCharacters) || text.Any(c => char.IsControl(c) && !(isLong && (c is '\n' or '\r' or '\t')))
            ? Problem.FieldNotValid
            : _fields.TryAdd(name, text) ? null
            : Problem.MultipartNotValid;
    }

    private static string? BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ||
            !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundaryLength ? boundary : null;
    }
}
