using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace UploadGate;

/// <summary>
/// POST /upload. Every file that arrives whole gets the same answer, before anybody has looked at it: what an uploader
/// can never learn here is whether it was recognised.
/// </summary>
/// <remarks>
/// Refusals (no file, empty, too large, no room) depend on the form and size of the request and on how many uploads wait,
/// never on what a picture shows. The check happens later and elsewhere, so that neither its time nor its failure can
/// show in this answer.
/// </remarks>
public sealed class Receiving(GateOptions options, UploadFolder folder, Checking checking)
{
    public async Task<IResult> ReceiveAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (folder.All(Standing.Waiting).Take(options.MaxWaiting).Count() == options.MaxWaiting)
        {
            return Answers.TryLater;
        }

        var id = UploadFolder.NewId();
        try
        {
            var refusal = await StoreAsync(request, folder.PathWhileArriving(id), cancellationToken);
            if (refusal is not null)
            {
                return refusal;
            }

            folder.Arrived(id);
            checking.Ask(id);
            return Answers.Received(id);
        }
        finally
        {
            File.Delete(folder.PathWhileArriving(id));
        }
    }

    /// <returns>A refusal, or null when one whole file is stored.</returns>
    private async Task<IResult?> StoreAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || type.MediaType != "multipart/form-data"
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 70 } boundary)
        {
            return Answers.NoFile;
        }

        try
        {
            // Straight to disk and counted on the way: neither memory nor a temporary folder sees the whole upload.
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.GetContentDispositionHeader()?.IsFileDisposition() == true)
                {
                    return await StoreAsync(section.Body, path, cancellationToken);
                }
            }

            return Answers.NoFile;
        }
        catch (Exception malformed) when (malformed is IOException or InvalidDataException)
        {
            return malformed is BadHttpRequestException { StatusCode: 413 } ? Answers.TooLarge : Answers.NoFile;
        }
    }

    private async Task<IResult?> StoreAsync(Stream file, string path, CancellationToken cancellationToken)
    {
        await using var stored = File.Create(path);
        var part = new byte[64 << 10];
        int read;
        while ((read = await file.ReadAsync(part, cancellationToken)) > 0)
        {
            if (stored.Length + read > options.MaxUploadBytes)
            {
                return Answers.TooLarge;
            }

            await stored.WriteAsync(part.AsMemory(0, read), cancellationToken);
        }

        return stored.Length == 0 ? Answers.NoFile : null;
    }
}
