using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Palisade.Signals.Digests;

namespace Palisade.Server.Api;

/// <summary>
/// A multipart upload, read once from front to back while it arrives: the file into pooled memory, the few text fields
/// beside it. Dispose it when the file's bytes are no longer needed.
/// </summary>
/// <remarks>The file's name is not looked at: it is the uploader's text, and nothing here needs it.</remarks>
public sealed class UploadForm : IDisposable
{
    private const string FilePart = "file";
    private const int MaxBoundaryLength = 70; // RFC 2046, section 5.1.1
    private const int MaxParts = 16;

    /// <summary>A name of 4,096 characters is up to 16 KiB in UTF-8, and is still let in.</summary>
    private const int MaxPartHeaderBytes = 32 << 10;

    private const int MaxFieldCharacters = 512;
    private const int MaxFieldBytes = 4 * MaxFieldCharacters;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly UploadBuffer _file = new();
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private bool _hasFile;

    private UploadForm()
    {
    }

    public ReadOnlyMemory<byte> File => _file.Bytes;

    public FileDigests Digests { get; private set; }

    /// <summary>A text field; null when it was not sent.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <param name="fieldNames">The text fields that may be sent.</param>
    /// <returns>The form, or why it cannot be used.</returns>
    public static async Task<(UploadForm? Form, Problem? Refusal)> ReadAsync(
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
        Problem? refusal;
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body)
            {
                HeadersCountLimit = 16,
                HeadersLengthLimit = MaxPartHeaderBytes,
            };
            refusal = await form.ReadPartsAsync(reader, maxFileBytes, fieldNames, cancellationToken);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            refusal = Problem.UploadTooLarge;
        }
        catch (Exception exception) when (
            exception is InvalidDataException or IOException and not BadHttpRequestException &&
            !context.RequestAborted.IsCancellationRequested)
        {
            refusal = Problem.MultipartNotValid;
        }
        catch
        {
            form.Dispose();
            throw;
        }

        if (refusal is not null)
        {
            form.Dispose();
            return (null, refusal);
        }

        return (form, null);
    }

    public void Dispose() => _file.Dispose();

    private async Task<Problem?> ReadPartsAsync(
        MultipartReader reader, long maxFileBytes, string[] fieldNames, CancellationToken cancellationToken)
    {
        var parts = 0;
        while (await reader.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            if (++parts > MaxParts ||
                !ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) ||
                disposition.DispositionType != "form-data")
            {
                return Problem.MultipartNotValid;
            }

            var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
            var refusal = name == FilePart ? await ReadFileAsync(part, maxFileBytes, cancellationToken)
                : fieldNames.Contains(name, StringComparer.Ordinal) ? await ReadFieldAsync(name, part, cancellationToken)
                : Problem.FieldUnknown;
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return _hasFile ? null : Problem.FileMissing;
    }

    private async Task<Problem?> ReadFileAsync(MultipartSection part, long maxFileBytes, CancellationToken cancellationToken)
    {
        if (_hasFile)
        {
            return Problem.MultipartNotValid;
        }

        _hasFile = true;
        if (await _file.ReadAsync(part.Body, maxFileBytes, cancellationToken) is not { } digests)
        {
            return Problem.UploadTooLarge;
        }

        Digests = digests;
        return null;
    }

    private async Task<Problem?> ReadFieldAsync(string name, MultipartSection part, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxFieldBytes + 1];
        var length = await part.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxFieldBytes)
        {
            return Problem.FieldNotValid;
        }

        string text;
        try
        {
            text = StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return Problem.FieldNotValid;
        }

        return text.Length > MaxFieldCharacters || text.Any(char.IsControl) ? Problem.FieldNotValid
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
