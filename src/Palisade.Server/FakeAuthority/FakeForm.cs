using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Palisade.Server.FakeAuthority;

/// <summary>A form as the protocol wants it: <c>id</c>, and for uploads <c>file</c>. Files are hashed while they arrive.</summary>
internal sealed record FakeForm(long? Id, FakeFile? File)
{
    /// <returns>Null when it is no such form (code 4200).</returns>
    public static async Task<FakeForm?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.HasFormContentType && request.ContentType!.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            var fields = await request.ReadFormAsync(cancellationToken);
            return new FakeForm(Number(fields["id"].ToString()), null);
        }

        if (request.ContentLength is null || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ||
            !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) ||
            HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 } boundary)
        {
            return null;
        }

        long? id = null;
        FakeFile? file = null;
        var parts = new MultipartReader(boundary, request.Body);
        while (await parts.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            // Quoted names only: some servers insist on it, so the rehearsal does.
            if (part.ContentDisposition is not { } header || !ContentDispositionHeaderValue.TryParse(header, out var disposition))
            {
                return null;
            }

            var name = disposition.Name.Value;
            if (!header.Contains($"name=\"{name}\"", StringComparison.Ordinal))
            {
                return null;
            }

            switch (name)
            {
                case "id":
                    using (var reader = new StreamReader(part.Body, Encoding.UTF8))
                    {
                        id = Number(await reader.ReadToEndAsync(cancellationToken));
                    }

                    break;
                case "file":
                    file = await ReadFileAsync(part.Body, HeaderUtilities.RemoveQuotes(disposition.FileName).Value, cancellationToken);
                    break;
                default:
                    return null;
            }
        }

        return new FakeForm(id, file);
    }

    private static async Task<FakeFile> ReadFileAsync(Stream body, string? name, CancellationToken cancellationToken)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        long size = 0;
        int count;
        while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            md5.AppendData(buffer, 0, count);
            sha256.AppendData(buffer, 0, count);
            size += count;
        }

        return new FakeFile(
            Guid.NewGuid().ToString("N"), name, size, Convert.ToHexStringLower(md5.GetHashAndReset()), Convert.ToHexStringLower(sha256.GetHashAndReset()));
    }

    private static long? Number(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
