using System.Xml;
using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>
/// Checks a <c>report</c> or <c>fileDetails</c> document before it is sent: first the schema, then the rules beyond it.
/// An empty answer means that it may go.
/// </summary>
public static class DocumentCheck
{
    /// <summary>Long texts, such as chats, are welcome; this is 16 million characters.</summary>
    public const int MaxCharacters = 1 << 24;

    public static IReadOnlyList<DocumentFault> Check(ReadOnlyMemory<byte> xml, CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        XDocument document;
        try
        {
            using var stream = new MemoryStream(xml.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, Schema.ReaderSettings(MaxCharacters));
            document = XDocument.Load(reader, LoadOptions.SetLineInfo | LoadOptions.PreserveWhitespace);
        }
        catch (XmlException fault)
        {
            // The parser's own words may quote the text; where it stands is enough to find it.
            return [new DocumentFault("xml", "document", "is no well-formed XML without a DTD of at most 16 million characters", fault.LineNumber)];
        }

        return Check(document, context);
    }

    internal static IReadOnlyList<DocumentFault> Check(XDocument document, CheckContext context)
    {
        var root = document.Root!;
        if (root.Name.LocalName is not ("report" or "fileDetails") || root.Name.Namespace != XNamespace.None)
        {
            return [new DocumentFault("schema", "document", "has to be a report or a fileDetails document, without a namespace", root.Line())];
        }

        var faults = new SchemaWalk(Schema.Set).Walk(root);
        faults.AddRange(AdditionRule.Check(root, context));
        if (faults.Count > 0)
        {
            // The rules read values that the schema has vouched for.
            return faults;
        }

        var rules = root.Name == "report" ? ReportRules.Check(root, context) : FileRules.Check(root, context);
        return [.. ValueRules.Check(root, context), .. rules];
    }
}
