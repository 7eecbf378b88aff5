using System.Text;
using Microsoft.Net.Http.Headers;

namespace Palisade.Server.Api;

/// <summary>
/// Goes through the parts of a multipart/form-data body that is in memory, and copies nothing but the parts' names.
/// Source: RFC 2046, section 5.1.1; RFC 7578, section 4.
/// </summary>
internal ref struct MultipartParts
{
    private const int MaxHeaders = 16;

    /// <summary>A file name of 4,096 characters is up to 16 KiB in UTF-8, and is still let in.</summary>
    private const int MaxHeaderBytes = 32 << 10;

    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();

    private readonly ReadOnlySpan<byte> _body;
    private readonly byte[] _delimiter;

    /// <summary>Behind the last delimiter; -1 where there was none.</summary>
    private int _at;

    public MultipartParts(ReadOnlySpan<byte> body, string boundary)
    {
        _body = body;
        _delimiter = Encoding.UTF8.GetBytes("\r\n--" + boundary);

        // What stands before the first delimiter is for nobody; the first needs no line before it.
        var first = _delimiter.AsSpan("\r\n".Length);
        var preamble = body.IndexOf(_delimiter);
        _at = body.StartsWith(first) ? first.Length : preamble < 0 ? -1 : preamble + _delimiter.Length;
    }

    /// <summary>The name of the part that <see cref="TryNext"/> came to.</summary>
    public string Name { get; private set; } = string.Empty;

    /// <summary>Where its content lies in the body.</summary>
    public Range Content { get; private set; }

    /// <summary>Every part was whole, and the form was ended as a form is.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Goes on to the next part; false at the end, and where the body is no form.</summary>
    public bool TryNext()
    {
        if (_at < 0)
        {
            return false;
        }

        var rest = _body[_at..];
        if (rest.StartsWith("--"u8))
        {
            IsWhole = true;
            return false;
        }

        // A delimiter's line may end in blanks.
        var padding = rest.IndexOfAnyExcept((byte)' ', (byte)'\t');
        if (padding < 0 || !rest[padding..].StartsWith("\r\n"u8))
        {
            return false;
        }

        var start = _at + padding + "\r\n".Length;
        var headers = _body[start..];
        var headerBytes = headers[..Math.Min(headers.Length, MaxHeaderBytes)].IndexOf(EndOfHeaders);
        if (headerBytes < 0 || NameIn(headers[..headerBytes]) is not { } name)
        {
            return false;
        }

        var content = start + headerBytes + EndOfHeaders.Length;
        var length = _body[content..].IndexOf(_delimiter);
        if (length < 0)
        {
            return false;
        }

        Name = name;
        Content = content..(content + length);
        _at = content + length + _delimiter.Length;
        return true;
    }

    /// <summary>What the one Content-Disposition among the headers calls the part; null where they are not a form's.</summary>
    private static string? NameIn(ReadOnlySpan<byte> headers)
    {
        string? name = null;
        var lines = Encoding.UTF8.GetString(headers).Split("\r\n");
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':');
            if (colon <= 0 || lines.Length > MaxHeaders)
            {
                return null;
            }

            if (!line.AsSpan(0, colon).Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (name is not null ||
                !ContentDispositionHeaderValue.TryParse(line[(colon + 1)..], out var disposition) ||
                disposition.DispositionType != "form-data")
            {
                return null;
            }

            name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        }

        return name;
    }
}
