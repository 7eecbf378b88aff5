using System.Xml;
using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>Names a place in a document, as its reader would.</summary>
internal static class ElementPath
{
    public static DocumentFault Fault(this XElement element, string rule, string reason) =>
        new(rule, element.Path(), reason, element.Line());

    public static DocumentFault Fault(this XAttribute attribute, string rule, string reason) =>
        new(rule, $"{attribute.Parent!.Path()}/@{attribute.Name.LocalName}", reason, ((IXmlLineInfo)attribute).LineNumber);

    public static int Line(this XElement element) => ((IXmlLineInfo)element).LineNumber;

    /// <summary>With a number in brackets where there are several of the name.</summary>
    public static string Path(this XElement element)
    {
        if (element.Parent is not { } parent)
        {
            return element.Name.LocalName;
        }

        var twins = parent.Elements(element.Name).Take(2).Count() > 1;
        var position = twins ? $"[{element.ElementsBeforeSelf(element.Name).Count() + 1}]" : "";
        return $"{parent.Path()}/{element.Name.LocalName}{position}";
    }

    public static bool IsTrue(this XElement? element) => element is not null && (bool)element;

    public static bool IsTrue(this XAttribute? attribute) => attribute is not null && (bool)attribute;
}
