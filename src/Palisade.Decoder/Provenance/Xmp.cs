using System.Text.Json;
using System.Xml;
using Palisade.Decoder.Contract;
using Palisade.Decoder.Provenance.Containers;

namespace Palisade.Decoder.Provenance;

/// <summary>
/// Reads an XMP packet as XML: properties by their namespace, as attribute, element or resource. Words in a caption are
/// none of them.
/// </summary>
internal static class Xmp
{
    private const string Iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    private const string Photoshop = "http://ns.adobe.com/photoshop/1.0/";
    private const string Terms = "http://purl.org/dc/terms/";
    private const string ChineseLabel = "http://www.tc260.org.cn/ns/AIGC/1.0/";
    private const string Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private const string ExifInXmp = "http://ns.adobe.com/exif/1.0/";
    private const int MaxDepth = 64;

    public static void Read(FileParts parts, List<ProvenanceFinding> findings)
    {
        if (parts.Xmp.IsEmpty)
        {
            return;
        }

        if (parts.Xmp.Length > FileParts.MaxXmpBytes)
        {
            parts.Report("xmp: longer than 1 MiB");
            return;
        }

        var properties = new Dictionary<(string Namespace, string Name), string>();
        try
        {
            Collect(parts.Xmp, properties);
        }
        catch (XmlException)
        {
            parts.Report("xmp: no well-formed XML");
        }

        Reduce(properties, parts, findings);
    }

    private static void Collect(ReadOnlyMemory<byte> packet, Dictionary<(string, string), string> properties)
    {
        var text = packet.Span.TrimEnd((byte)0);
        using var reader = XmlReader.Create(new MemoryStream(text.ToArray()), new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            ConformanceLevel = ConformanceLevel.Fragment,
            MaxCharactersInDocument = FileParts.MaxXmpBytes,
        });
        var open = new Stack<(string Namespace, string Name)>();
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                var name = (reader.NamespaceURI, reader.LocalName);
                var isEmpty = reader.IsEmptyElement;
                while (reader.MoveToNextAttribute())
                {
                    var key = reader is { NamespaceURI: Rdf, LocalName: "resource" }
                        ? name
                        : (reader.NamespaceURI, reader.LocalName);
                    properties.TryAdd(key, reader.Value);
                }

                if (!isEmpty)
                {
                    open.Push(name);
                }

                if (open.Count > MaxDepth)
                {
                    throw new XmlException("Nested too deep.");
                }
            }
            else if (reader.NodeType == XmlNodeType.EndElement)
            {
                open.TryPop(out _);
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                // A list's item belongs to the property around it.
                var owner = open.FirstOrDefault(name => name.Namespace != Rdf);
                if (owner.Name is not null)
                {
                    properties.TryAdd(owner, reader.Value);
                }
            }
        }
    }

    private static void Reduce(
        Dictionary<(string, string), string> properties, FileParts parts, List<ProvenanceFinding> findings)
    {
        var credit = properties.GetValueOrDefault((Photoshop, "Credit"));
        var tool = CreditedTool(credit);
        var declared = DeclaredOrigin.None;
        if (properties.TryGetValue((Iptc, "DigitalSourceType"), out var type))
        {
            var term = SourceTypes.TermOf(type);
            declared = SourceTypes.Declares(term);
            if (declared != DeclaredOrigin.None)
            {
                findings.Add(Of("xmp:DigitalSourceType", declared) with { Tool = tool, Detail = term });
                if (tool is not null)
                {
                    findings.Add(Of("xmp:photoshop:Credit", DeclaredOrigin.None) with { Tool = tool });
                }
            }
        }

        foreach (var name in (string[])["AISystemUsed", "AISystemVersionUsed", "AIPromptInformation"])
        {
            if (properties.TryGetValue((Iptc, name), out var value) && value.Trim().Length > 0)
            {
                var isEdit = declared == DeclaredOrigin.AiEdited;
                findings.Add(Of("xmp:" + name, isEdit ? declared : DeclaredOrigin.AiGenerated) with
                {
                    Tool = name == "AISystemUsed" ? value.Trim() : null,
                });
            }
        }

        if (properties.TryGetValue((ChineseLabel, "AIGC"), out var label))
        {
            Label.Read("xmp:TC260:AIGC", label, findings);
        }

        if (properties.TryGetValue((ExifInXmp, "UserComment"), out var comment))
        {
            parts.AddText("xmp", "UserComment", comment);
        }

        if (parts.StoreCount == 0 && properties.TryGetValue((Terms, "provenance"), out var reference) &&
            !reference.TrimStart().StartsWith("self#jumbf", StringComparison.Ordinal))
        {
            findings.Add(new ProvenanceFinding
            {
                Mechanism = "c2pa-remote-reference",
                Strength = DeclarationStrength.ReferenceOnly,
                Detail = reference.Trim(),
            });
        }
    }

    private static ProvenanceFinding Of(string mechanism, DeclaredOrigin declared) => new()
    {
        Mechanism = mechanism,
        Declared = declared,
        LocalEdit = declared == DeclaredOrigin.AiEdited,
        Strength = DeclarationStrength.UnsignedMetadata,
    };

    private static string? CreditedTool(string? credit) => credit switch
    {
        null => null,
        _ when credit.Contains("Google", StringComparison.Ordinal) => "Google",
        _ when credit.Contains("Apple Photos Clean Up", StringComparison.Ordinal) => "Apple Photos Clean Up",
        _ => null,
    };
}
