using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Xml;
using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>
/// The schema that an environment answers with on <c>GET /xsd</c>: what it is, and what differs from the one we write by.
/// </summary>
public sealed class LiveSchema
{
    /// <summary>Sixteen times the 149 kB of the last copy that was seen.</summary>
    internal const int MaxBytes = 16 * 149_000;

    private static readonly XNamespace Xs = "http://www.w3.org/2001/XMLSchema";

    private static readonly Lazy<LiveSchema> Own = new(ReadEmbedded);

    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string> _words;

    private LiveSchema(ReadOnlyMemory<byte> bytes, XDocument schema)
    {
        Bytes = bytes;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
        _names = Values(schema, "name", Xs + "element", Xs + "attribute");
        _words = Values(schema, "value", Xs + "enumeration");
    }

    /// <summary>The schema that the package was built with, 2026 additions included.</summary>
    public static LiveSchema Embedded => Own.Value;

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>64 hexadecimal digits; store it and compare with the last.</summary>
    public string Sha256 { get; }

    /// <summary>Names of elements and attributes, and words of enumerations, that it has and ours has not.</summary>
    public IReadOnlyList<string> Added => [.. Beyond(_names, Embedded._names), .. Beyond(_words, Embedded._words)];

    /// <summary>Those that ours has and it has not, apart from the 2026 additions, which we never count on.</summary>
    public IReadOnlyList<string> Removed =>
    [
        .. Beyond(Embedded._names, _names).Except(SchemaWords.Additions2026, StringComparer.Ordinal), .. Beyond(Embedded._words, _words),
    ];

    /// <summary>The 2026 additions that it has, and that are therefore written.</summary>
    public IReadOnlyList<string> Additions => [.. SchemaWords.Additions2026.Where(_names.Contains)];

    /// <summary>Raise an alarm: what we write may be refused, or may say less than it could.</summary>
    public bool IsDifferent => Added.Count > 0 || Removed.Count > 0;

    /// <summary>The names of all elements and attributes.</summary>
    public IReadOnlyCollection<string> Names => _names;

    public bool Has(string name) => _names.Contains(name);

    /// <exception cref="XmlException">It is no XML, has a DTD, or is too large.</exception>
    public static LiveSchema Parse(ReadOnlyMemory<byte> bytes)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        using var reader = XmlReader.Create(stream, Schema.ReaderSettings(MaxBytes));
        var schema = XDocument.Load(reader);
        return schema.Root?.Name == Xs + "schema"
            ? new LiveSchema(bytes, schema)
            : throw new XmlException("What was answered on /xsd is no XML schema.");
    }

    private static IEnumerable<string> Beyond(FrozenSet<string> these, FrozenSet<string> those) =>
        these.Where(name => !those.Contains(name)).Order(StringComparer.Ordinal);

    private static LiveSchema ReadEmbedded()
    {
        using var text = Schema.OpenText();
        using var copy = new MemoryStream();
        text.CopyTo(copy);
        return Parse(copy.ToArray());
    }

    private static FrozenSet<string> Values(XDocument schema, string attribute, params XName[] elements) =>
        schema.Descendants()
            .Where(element => elements.Contains(element.Name))
            .Select(element => element.Attribute(attribute)?.Value)
            .OfType<string>()
            .Where(value => value.Length > 0)
            .ToFrozenSet(StringComparer.Ordinal);
}
