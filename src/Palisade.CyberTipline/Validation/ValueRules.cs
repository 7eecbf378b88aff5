using System.Globalization;
using System.Net;
using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>Rules on single values that hold in both kinds of document: .</summary>
internal static class ValueRules
{
    private static readonly string[] Instants =
        ["incidentDateTime", "dateTime", "uploadedToEspTimestamp", "verificationDate", "timestamp", "disabledDate", "userNotifiedDate"];

    private static readonly string[] NeverBlank = ["escalateToHighPriority", "ipAddress", "idType", "idValue", "fileId"];

    private static readonly string[] Urls = ["url", "profileUrl", "legalURL", "locationOfFile"];

    public static IEnumerable<DocumentFault> Check(XElement root, CheckContext context) =>
        root.DescendantsAndSelf().SelectMany(element => CheckElement(element, context).Concat(CheckAttributes(element, context)));

    private static IEnumerable<DocumentFault> CheckElement(XElement element, CheckContext context)
    {
        var name = element.Name.LocalName;
        if (Is(name, Instants) && !IsPast(element.Value, context))
        {
            yield return element.Fault("R-02", "lies in the future; only times that have passed can be reported");
        }

        if (name == "dateOfBirth" && DateOnly.TryParseExact(element.Value.Trim()[..10], "O", CultureInfo.InvariantCulture, default, out var born) &&
            born > DateOnly.FromDateTime(context.Now.UtcDateTime))
        {
            yield return element.Fault("R-02", "lies in the future");
        }

        if (Is(name, NeverBlank) && string.IsNullOrWhiteSpace(element.Value))
        {
            yield return element.Fault("R-03", "must not be blank; leave it out where the schema allows");
        }
        else if (name == "ipAddress" && !IsIpAddress(element.Value.Trim()))
        {
            yield return element.Fault("R-04", "needs an IPv4 address in four numbers, or an IPv6 address");
        }

        if (Is(name, Urls) && !IsUrl(element.Value.Trim()))
        {
            yield return element.Fault("R-13", "needs a whole URL, such as https://example.com/page");
        }

        if (name is "priorCTReports" or "priorCTReport" && context.IsKnownReport is { } isKnown && !isKnown((long)element))
        {
            yield return element.Fault("R-18", "names a report that was not filed in this environment");
        }

        foreach (var fault in name switch
        {
            "phone" or "phoneNumber" => CheckPhone(element),
            "email" or "emailAddress" => CheckEmail(element),
            "address" or "incidentAddress" when element.HasElements => CheckAddress(element),
            "estimatedLocation" => CheckLocation(element),
            "accountTemporarilyDisabled" or "accountPermanentlyDisabled" => CheckDisabling(element),
            "associatedAccount" => CheckAccount(element),
            _ => [],
        })
        {
            yield return fault;
        }
    }

    private static IEnumerable<DocumentFault> CheckAttributes(XElement element, CheckContext context) =>
        from attribute in element.Attributes()
        where Is(attribute.Name.LocalName, Instants) && !IsPast(attribute.Value, context)
        select attribute.Fault("R-02", "lies in the future; only times that have passed can be reported");

    private static IEnumerable<DocumentFault> CheckPhone(XElement phone)
    {
        if (phone.Attribute("countryCallingCode") is { } code && phone.Value.TrimStart() is var number &&
            (number.StartsWith(code.Value, StringComparison.Ordinal) || number.StartsWith("00" + code.Value[1..], StringComparison.Ordinal)))
        {
            yield return phone.Fault("R-05", "repeats the calling code that its attribute gives; write the number without it");
        }

        if (IsDatedUnverified(phone))
        {
            yield return phone.Fault("R-06", "has a verificationDate, so verified must be true");
        }
    }

    private static IEnumerable<DocumentFault> CheckEmail(XElement email)
    {
        if (IsDatedUnverified(email))
        {
            yield return email.Fault("R-06", "has a verificationDate, so verified must be true");
        }

        var at = email.Value.LastIndexOf('@');
        var domain = email.Value[(at + 1)..];
        if (domain.StartsWith('.') || domain.EndsWith('.') || domain.Contains("..", StringComparison.Ordinal) || email.Value[..at].Contains('@', StringComparison.Ordinal))
        {
            yield return email.Fault("R-07", "is no well-formed e-mail address");
        }
    }

    private static IEnumerable<DocumentFault> CheckAddress(XElement address)
    {
        var isUs = address.Element("country")?.Value == "US";
        if (address.Element("state") is { } state && !isUs && address.Element("country") is not null)
        {
            yield return state.Fault("R-09", "is for US addresses; use nonUsaState");
        }

        if (address.Element("nonUsaState") is { } elsewhere && isUs)
        {
            yield return elsewhere.Fault("R-09", "is for addresses outside the US; use state");
        }

        if (address.Element("nonUsaState") is { } both && address.Element("state") is not null)
        {
            yield return both.Fault("R-09", "stands beside state; only one of them can be");
        }
    }

    private static IEnumerable<DocumentFault> CheckLocation(XElement place)
    {
        if (place.Element("countryCode") is not { } country)
        {
            yield return place.Fault("R-10", "needs countryCode");
            yield break;
        }

        if (country.Value != "US")
        {
            yield break;
        }

        if (place.Element("region") is { } region)
        {
            if (!CountryCodes.IsUsState(region.Value))
            {
                yield return region.Fault("R-10", "needs two letters of a US state where countryCode is US");
            }
        }
        else if (place.Element("city") is not null)
        {
            yield return place.Fault("R-10", "has a city in the US, so it needs region");
        }
    }

    private static IEnumerable<DocumentFault> CheckDisabling(XElement standing)
    {
        if (Moment(standing, "disabledDate") is not { } disabled)
        {
            yield break;
        }

        if (Moment(standing, "userNotifiedDate") < disabled)
        {
            yield return standing.Fault("R-11", "has userNotifiedDate before disabledDate");
        }

        if (Moment(standing, "reenabledDate") <= disabled)
        {
            yield return standing.Fault("R-11", "has reenabledDate not after disabledDate");
        }
    }

    private static IEnumerable<DocumentFault> CheckAccount(XElement account)
    {
        if (account.Element("approximateAge") is not null && account.Element("dateOfBirth") is not null)
        {
            yield return account.Fault("R-12", "has approximateAge and dateOfBirth; only one of them can be");
        }
    }

    private static bool IsDatedUnverified(XElement contact) =>
        contact.Attribute("verificationDate") is not null && !contact.Attribute("verified").IsTrue();

    private static bool Is(string name, string[] names) => Array.IndexOf(names, name) >= 0;

    private static bool IsPast(string text, CheckContext context) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment <= context.Now;

    private static DateTimeOffset? Moment(XElement element, string attribute) =>
        DateTimeOffset.TryParse(element.Attribute(attribute)?.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : null;

    /// <summary>Four numbers for IPv4: what the framework reads beyond it, such as "1" or "0x7f.1", is no address in a report.</summary>
    private static bool IsIpAddress(string text) =>
        IPAddress.TryParse(text, out _) &&
        (text.Contains(':', StringComparison.Ordinal)
            ? !text.Contains('[', StringComparison.Ordinal) && !text.Contains('%', StringComparison.Ordinal)
            : text.Split('.') is { Length: 4 } parts && parts.All(part => part.Length is > 0 and < 4 && part.All(char.IsAsciiDigit)));

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && !url.IsFile && url.Host.Length > 0 && text.Contains("://", StringComparison.Ordinal);
}
