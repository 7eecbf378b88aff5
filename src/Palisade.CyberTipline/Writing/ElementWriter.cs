using System.Globalization;
using System.Text;
using System.Xml;

namespace Palisade.CyberTipline;

/// <summary>Writes elements one after another, cleans text, and carries what was too long into the next additionalInfo.</summary>
internal sealed class ElementWriter : IDisposable
{
    private readonly MemoryStream _bytes = new();
    private readonly XmlWriter _xml;
    private readonly LiveSchema? _target;
    private readonly List<string> _path = [];
    private readonly List<WritingNote> _notes = [];

    /// <summary>One list for each open element that ends with an additionalInfo, innermost last.</summary>
    private readonly Stack<List<string>> _continued = new();

    public ElementWriter(LiveSchema? target)
    {
        _target = target;
        _xml = XmlWriter.Create(_bytes, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = true,
            NewLineChars = "\n",

            // A line end within a value stays what it was.
            NewLineHandling = NewLineHandling.Entitize,
        });
    }

    public void Dispose()
    {
        _xml.Dispose();
        _bytes.Dispose();
    }

    public WrittenDocument Finish()
    {
        _xml.Flush();
        return new WrittenDocument(_bytes.ToArray(), _notes);
    }

    public void Element(string name, Action content)
    {
        Open(name);
        content();
        Close();
    }

    /// <summary>An element whose own last child takes what was too long in it.</summary>
    public void ElementWithInfo(string name, string? additionalInfo, Action content) =>
        ElementWithInfo(name, additionalInfo is null ? [] : [additionalInfo], isRepeatable: false, content);

    public void ElementWithInfo(string name, IReadOnlyList<string> additionalInfo, bool isRepeatable, Action content)
    {
        Open(name);
        _continued.Push([]);
        content();
        string[] lines = [.. additionalInfo, .. _continued.Pop()];
        if (isRepeatable)
        {
            Array.ForEach(lines, line => Text("additionalInfo", line));
        }
        else if (lines.Length > 0)
        {
            Text("additionalInfo", string.Join('\n', lines));
        }

        Close();
    }

    public void Text(string name, string? value, int? maxLength = null)
    {
        if (value is not null)
        {
            Open(name);
            Value(value, maxLength);
            Close();
        }
    }

    public void Texts(string name, IReadOnlyList<string> values, int? maxLength = null)
    {
        foreach (var value in values)
        {
            Text(name, value, maxLength);
        }
    }

    /// <summary>The value of the element that is open.</summary>
    public void Value(string value, int? maxLength = null)
    {
        var clean = Clean(value);
        if (maxLength is { } most && clean.Length > most)
        {
            _notes.Add(new WritingNote(WritingChange.Continued, string.Join('/', _path)));
            _continued.Peek().Add($"[Continued: {_path[^1]}, given whole here] {clean}");
            clean = Cut(clean, most);
        }

        _xml.WriteString(clean);
    }

    public void Value(bool value) => _xml.WriteString(XmlConvert.ToString(value));

    public void Flag(string name, bool? value)
    {
        if (value is { } isSo)
        {
            Open(name);
            Value(isSo);
            Close();
        }
    }

    public void Number(string name, long? value)
    {
        if (value is { } number)
        {
            Text(name, number.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void Number(string name, double? value)
    {
        if (value is { } number)
        {
            Text(name, XmlConvert.ToString(number));
        }
    }

    public void Instant(string name, DateTimeOffset? value)
    {
        if (value is { } moment)
        {
            Text(name, Instant(moment));
        }
    }

    public void Date(string name, DateOnly? value) => Text(name, value?.ToString("O", CultureInfo.InvariantCulture));

    public void Attribute(string name, string? value)
    {
        if (value is not null)
        {
            _path.Add("@" + name);
            _xml.WriteAttributeString(name, Clean(value));
            _path.RemoveAt(_path.Count - 1);
        }
    }

    public void Attribute(string name, bool? value) => Attribute(name, value is { } isSo ? XmlConvert.ToString(isSo) : null);

    public void Attribute(string name, DateTimeOffset? value) => Attribute(name, value is { } moment ? Instant(moment) : null);

    /// <summary>A flag that is there, an empty element, or is not.</summary>
    public void Marks(string name, int marks, string[] words)
    {
        var present = Enumerable.Range(0, words.Length).Where(bit => (marks & (1 << bit)) != 0).Select(bit => words[bit]).Where(word => IsKnownThere($"{name}/{word}", word)).ToList();
        if (present.Count == 0)
        {
            return;
        }

        Element(name, () => present.ForEach(word => Element(word, () => { })));
    }

    /// <summary>A 2026 addition is left out, with a note, unless the target's own schema has it.</summary>
    public bool IsKnownThere(string name) => IsKnownThere(name, name);

    private bool IsKnownThere(string path, string name)
    {
        if (!SchemaWords.Additions2026.Contains(name) || _target?.Has(name) == true)
        {
            return true;
        }

        _notes.Add(new WritingNote(WritingChange.AdditionLeftOut, string.Join('/', [.. _path, path])));
        return false;
    }

    private static string Instant(DateTimeOffset moment) => moment.Offset == TimeSpan.Zero
        ? moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
        : moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);

    /// <summary>
    /// Lengths are UTF-16 units: of the validators some count these and others code points, which are never more. A pair is
    /// not cut through.
    /// </summary>
    private static string Cut(string text, int maxLength) => text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];

    /// <summary>XML 1.0 characters only, in NFC. Half a surrogate pair is no character.</summary>
    private string Clean(string text)
    {
        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (XmlConvert.IsXmlChar(text[at]))
            {
                kept.Append(text[at]);
            }
            else if (at + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[at + 1], text[at]))
            {
                kept.Append(text, at++, 2);
            }
        }

        if (kept.Length != text.Length)
        {
            _notes.Add(new WritingNote(WritingChange.CharactersRemoved, string.Join('/', _path)));
        }

        return Composition.Compose(kept.ToString());
    }

    private void Open(string name)
    {
        _path.Add(name);
        _xml.WriteStartElement(name);
    }

    private void Close()
    {
        _xml.WriteEndElement();
        _path.RemoveAt(_path.Count - 1);
    }
}
