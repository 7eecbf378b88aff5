using System.Text;

namespace Palisade.Banks.Importing;

/// <summary>
/// The columns of a comma-separated list, by its header: <c>signal_type,signal_str,collab,category,tags</c> of
/// python-threatexchange, or <c>type,value,quality,status</c>.
/// </summary>
internal sealed class CsvColumns
{
    private readonly int _value;
    private readonly int _type;
    private readonly int _quality;
    private readonly int _category;
    private readonly int _status;

    private CsvColumns(IReadOnlyList<string> names)
    {
        _value = IndexOf(names, "signal_str", "value", "hash");
        _type = IndexOf(names, "signal_type", "type");
        _quality = IndexOf(names, "quality");
        _category = IndexOf(names, "category");
        _status = IndexOf(names, "status");
    }

    public static bool IsHeader(ReadOnlySpan<byte> line) => new CsvColumns(Split(line))._value >= 0;

    /// <summary>A line without a column for the value makes every line that follows a refused one.</summary>
    public static CsvColumns ReadHeader(ReadOnlySpan<byte> line) => new(Split(line));

    public ListLine Parse(ReadOnlySpan<byte> line, SignalType? defaultType)
    {
        var fields = Split(line);
        if (_value < 0 || fields.Count <= Math.Max(_value, _type))
        {
            return ListLine.Refused(LineRefusal.BadCsv);
        }

        var type = defaultType;
        if (_type >= 0 && fields[_type] is { Length: > 0 } name)
        {
            type = ListParser.TypeNamed(Encoding.UTF8.GetBytes(name));
            if (type is null)
            {
                return ListLine.Refused(LineRefusal.UnknownType);
            }
        }

        var parsed = ListParser.ParseValue(Encoding.UTF8.GetBytes(fields[_value]), type);
        if (parsed.Kind != LineKind.Signal)
        {
            return parsed;
        }

        if (FieldAt(fields, _category) is "NEGATIVE_CLASS" or "DISPUTED")
        {
            return ListLine.Refused(LineRefusal.NotHarmful);
        }

        if (FieldAt(fields, _quality) is { Length: > 0 } text)
        {
            if (!ListParser.TryParseQuality(Encoding.UTF8.GetBytes(text), out var quality))
            {
                return ListLine.Refused(LineRefusal.BadQuality);
            }

            parsed = parsed with { Quality = quality };
        }

        return parsed with { IsWithdrawn = FieldAt(fields, _status) == "withdrawn" };
    }

    private static string? FieldAt(List<string> fields, int column) =>
        column >= 0 && column < fields.Count ? fields[column] : null;

    private static int IndexOf(IReadOnlyList<string> names, params ReadOnlySpan<string> wanted)
    {
        for (var i = 0; i < names.Count; i++)
        {
            foreach (var name in wanted)
            {
                if (names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    /// <summary>Fields as RFC 4180 writes them, on one line: quoted where they hold a comma, quotes doubled.</summary>
    private static List<string> Split(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line);
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                if (isQuoted && i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    isQuoted = !isQuoted;
                }
            }
            else if (text[i] == ',' && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(text[i]);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}
