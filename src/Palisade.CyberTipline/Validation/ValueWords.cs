using System.Globalization;
using System.Xml.Schema;

namespace Palisade.CyberTipline;

/// <summary>Says in plain words what a type of the schema accepts, and which numbered rule that is.</summary>
internal static class ValueWords
{
    /// <summary>Elements whose blankness is rule R-03 and not a mere length.</summary>
    private static readonly string[] NeverBlank = ["escalateToHighPriority", "ipAddress", "idType", "idValue", "fileId"];

    public static string Rule(string name, XmlSchemaType type, XmlSchemaElement? element = null) => type.Name switch
    {
        "Instant" => "R-02",
        "EmailText" or "Email" => "R-07",
        "ReportId" => "R-18",
        _ when element?.FixedValue is not null => "R-16",
        _ when Array.IndexOf(NeverBlank, name) >= 0 => "R-03",
        _ => "schema",
    };

    public static string Expected(XmlSchemaType type, XmlSchemaElement? element = null)
    {
        if (element?.FixedValue is not null)
        {
            return "is a flag: empty or true; leave it out to say no";
        }

        switch (type.Name)
        {
            case "Instant":
                return "needs a date, a time and a zone, such as 2026-01-15T09:30:00Z";
            case "EmailText" or "Email":
                return "needs an e-mail address of at most 255 characters, at most 64 of them before the at sign";
            case "CallingCode":
                return "needs a plus sign and one to three digits";
            case "Extension":
                return "needs one to ten digits";
            case "CountryCode":
                return "needs a country code of two letters";
            case "UsState":
                return "needs two letters of a US state or territory";
            case "ReportId":
                return "needs the number of a report, from 1";
        }

        var facets = Facets(type).ToList();
        var words = facets.OfType<XmlSchemaEnumerationFacet>().Select(facet => facet.Value).ToList();
        if (words.Count > 0)
        {
            return $"needs one of: {string.Join("; ", words)}";
        }

        var limits = facets.Select(facet => facet switch
        {
            XmlSchemaMaxLengthFacet => $"at most {facet.Value} characters",
            XmlSchemaMinLengthFacet => "must not be blank",
            XmlSchemaMinInclusiveFacet => $"at least {facet.Value}",
            XmlSchemaMaxInclusiveFacet => $"at most {facet.Value}",
            _ => null,
        }).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var kind = type.TypeCode switch
        {
            XmlTypeCode.Boolean => "needs true or false",
            XmlTypeCode.Date => "needs a date, such as 2001-12-31",
            XmlTypeCode.Double => "needs a number",
            XmlTypeCode.Int or XmlTypeCode.Long => "needs a whole number",
            _ => null,
        };
        return (kind, limits.Count) switch
        {
            (null, 0) => "has a value that the schema does not allow",
            (null, _) => string.Create(CultureInfo.InvariantCulture, $"has a value outside its limits: {string.Join(", ", limits)}"),
            (_, 0) => kind,
            _ => $"{kind}, {string.Join(", ", limits)}",
        };
    }

    /// <summary>Those of the type and of each type it was made from.</summary>
    private static IEnumerable<XmlSchemaFacet> Facets(XmlSchemaType? type)
    {
        for (; type is not null; type = type.BaseXmlSchemaType)
        {
            if (type is XmlSchemaSimpleType { Content: XmlSchemaSimpleTypeRestriction restriction })
            {
                foreach (var facet in restriction.Facets.OfType<XmlSchemaFacet>())
                {
                    yield return facet;
                }
            }
        }
    }
}
