using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>A 2026 addition goes only to an environment whose own schema has it.</summary>
internal static class AdditionRule
{
    public static IEnumerable<DocumentFault> Check(XElement root, CheckContext context) =>
        from element in root.Descendants()
        where SchemaWords.Additions2026.Contains(element.Name.LocalName, StringComparer.Ordinal)
        where context.Target?.Has(element.Name.LocalName) != true
        select element.Fault("schema", "is a 2026 addition, which the authority's own schema does not have as far as is known");
}
