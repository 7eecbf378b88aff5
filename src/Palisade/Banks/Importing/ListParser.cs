using System.Buffers.Text;
using System.Text;

namespace Palisade.Banks.Importing;

/// <summary>
/// Reads the lines of one list, in any of the forms that the field uses. The first line that says something decides the form.
/// </summary>
internal sealed class ListParser(ImportOptions options)
{
    private ListFormat _format = options.Format;
    private CsvColumns? _columns;

    /// <summary>Understands one line. A parser that goes on in the middle of a file must first be shown its first lines.</summary>
    public ListLine Parse(ReadOnlySpan<byte> line)
    {
        line = line.Trim((byte)' ');
        if (line.IsEmpty || line[0] == '#')
        {
            return ListLine.Nothing;
        }

        if (_format == ListFormat.Auto)
        {
            _format = line[0] == '{' ? ListFormat.Ndjson : CsvColumns.IsHeader(line) ? ListFormat.Csv : ListFormat.Lines;
        }

        switch (_format)
        {
            case ListFormat.Ndjson:
                return InterchangeLine.Parse(line);
            case ListFormat.Csv when _columns is null:
                _columns = CsvColumns.ReadHeader(line);
                return ListLine.Nothing;
            case ListFormat.Csv:
                return _columns.Parse(line, options.Type);
            default:
                return ParseLine(line);
        }
    }

    /// <summary>A value whose type is named, or follows from its length.</summary>
    public static ListLine ParseValue(ReadOnlySpan<byte> text, SignalType? type)
    {
        text = text.Trim((byte)' ');
        type ??= text.Length switch
        {
            32 => SignalType.Md5,
            40 => SignalType.Sha1,
            _ => null,
        };
        if (type is null)
        {
            return text.Length == 64 && IsHex(text) ? ListLine.Ambiguous : ListLine.Refused(LineRefusal.Malformed);
        }

        // Hexadecimal digits of the longest value, and no more is looked at.
        Span<char> digits = stackalloc char[64];
        return text.Length <= digits.Length && Encoding.ASCII.TryGetChars(text, digits, out var length) &&
            SignalValue.TryParse(type.Value, digits[..length], out var value)
                ? ListLine.Signal(value)
                : ListLine.Refused(LineRefusal.Malformed);
    }

    /// <summary>The names that lists give to the types; null for one that is not matched here.</summary>
    public static SignalType? TypeNamed(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "pdq"u8) ? SignalType.Pdq
        : Ascii.EqualsIgnoreCase(name, "md5"u8) || Ascii.EqualsIgnoreCase(name, "video_md5"u8) ? SignalType.Md5
        : Ascii.EqualsIgnoreCase(name, "sha1"u8) ? SignalType.Sha1
        : Ascii.EqualsIgnoreCase(name, "sha256"u8) ? SignalType.Sha256
        : null;

    /// <summary>A whole number from 0 to 100.</summary>
    public static bool TryParseQuality(ReadOnlySpan<byte> text, out int quality) =>
        Utf8Parser.TryParse(text, out quality, out var used) && used == text.Length && quality is >= 0 and <= 100;

    private ListLine ParseLine(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("hash="u8))
        {
            return ParsePairs(line);
        }

        var comma = line.IndexOf((byte)',');
        var first = comma < 0 ? line : line[..comma];
        var space = first.IndexOf((byte)' ');
        if (space > 0)
        {
            return TypeNamed(first[..space]) is { } named
                ? ParseValue(first[(space + 1)..], named)
                : ListLine.Refused(IsHex(first[..space]) ? LineRefusal.Malformed : LineRefusal.UnknownType);
        }

        var parsed = ParseValue(first, options.Type);
        return comma < 0 || parsed.Kind != LineKind.Signal ? parsed : parsed with { Quality = QualityIn(line[(comma + 1)..]) };
    }

    /// <summary>
    /// The hasher writes <c>hash,quality,filename</c>, or eight hashes before them. What follows in other tools' lists may
    /// be anything (<c>idx=1</c>), so a second column is a quality only where it is a number and a third follows.
    /// </summary>
    private static int? QualityIn(ReadOnlySpan<byte> rest)
    {
        for (var columns = 0; columns < 8; columns++)
        {
            var comma = rest.IndexOf((byte)',');
            if (comma < 0)
            {
                return null;
            }

            if (TryParseQuality(rest[..comma], out var quality))
            {
                return quality;
            }

            if (comma != 64 || !IsHex(rest[..comma]))
            {
                return null;
            }

            rest = rest[(comma + 1)..];
        }

        return null;
    }

    /// <summary><c>hash=HEX,norm=128,delta=0,quality=100,filename=...</c></summary>
    private ListLine ParsePairs(ReadOnlySpan<byte> line)
    {
        var parsed = default(ListLine);
        foreach (var range in line.Split((byte)','))
        {
            var pair = line[range];
            if (pair.StartsWith("hash="u8))
            {
                parsed = ParseValue(pair["hash="u8.Length..], options.Type ?? SignalType.Pdq);
            }
            else if (pair.StartsWith("filename="u8) || parsed.Kind != LineKind.Signal)
            {
                // A file's name may hold commas and look like anything.
                break;
            }
            else if (pair.StartsWith("quality="u8))
            {
                if (!TryParseQuality(pair["quality="u8.Length..], out var quality))
                {
                    return ListLine.Refused(LineRefusal.BadQuality);
                }

                parsed = parsed with { Quality = quality };
            }
        }

        return parsed;
    }

    private static bool IsHex(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(HexDigits) < 0;

    private static readonly System.Buffers.SearchValues<byte> HexDigits =
        System.Buffers.SearchValues.Create("0123456789abcdefABCDEF"u8);
}
