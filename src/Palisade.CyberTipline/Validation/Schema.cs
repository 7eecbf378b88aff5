using System.Collections.Frozen;
using System.Xml;
using System.Xml.Schema;

namespace Palisade.CyberTipline;

/// <summary>
/// The schema that comes with the package: written from the published facts, stricter than the authority's own in lengths
/// and zones, and complete in its names. Compiled once.
/// </summary>
internal static class Schema
{
    private static readonly Lazy<XmlSchemaSet> Compiled = new(Compile);

    private static readonly Lazy<FrozenSet<string>> Countries = new(() => Values("CountryCode"));

    private static readonly Lazy<FrozenSet<string>> States = new(() => Values("UsState"));

    public static XmlSchemaSet Set => Compiled.Value;

    public static FrozenSet<string> CountryCodes => Countries.Value;

    public static FrozenSet<string> UsStates => States.Value;

    public static Stream OpenText() =>
        typeof(Schema).Assembly.GetManifestResourceStream("cybertipline.xsd")
            ?? throw new InvalidOperationException("The schema is missing from the package Palisade.CyberTipline.");

    /// <summary>Reads XML that others wrote: no DTD, nothing fetched, bounded.</summary>
    public static XmlReaderSettings ReaderSettings(long maxCharacters) => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = maxCharacters,
        CloseInput = false,
    };

    private static XmlSchemaSet Compile()
    {
        using var text = OpenText();
        using var reader = XmlReader.Create(text, ReaderSettings(maxCharacters: 1 << 20));
        var set = new XmlSchemaSet { XmlResolver = null };
        set.Add(null, reader);
        set.Compile();
        return set;
    }

    private static FrozenSet<string> Values(string typeName)
    {
        var type = (XmlSchemaSimpleType)Set.GlobalTypes[new XmlQualifiedName(typeName)]!;
        return ((XmlSchemaSimpleTypeRestriction)type.Content!).Facets
            .OfType<XmlSchemaEnumerationFacet>()
            .Select(facet => facet.Value!)
            .ToFrozenSet(StringComparer.Ordinal);
    }
}
