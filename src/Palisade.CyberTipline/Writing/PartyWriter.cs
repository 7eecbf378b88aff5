namespace Palisade.CyberTipline;

/// <summary>Writes suspects, recipients, victims and their accounts. Nearly the same elements, in four orders.</summary>
internal static class PartyWriter
{
    private const int UrlLength = 2083;

    public static void Write(ElementWriter xml, PersonOrUserReported party) =>
        xml.ElementWithInfo("personOrUserReported", party.AdditionalInfo, () =>
        {
            ContactWriter.Write(xml, "personOrUserReportedPerson", party.Person);
            xml.Text("vehicleDescription", party.VehicleDescription, 300);
            WriteIdentity(xml, party.Account);
            xml.Flag("thirdPartyUserReported", party.ThirdPartyUserReported);
            WriteNumbers(xml, "priorCTReports", party.Account.PriorReports);
            xml.Text("groupIdentifier", party.GroupIdentifier, 255);
            WriteStanding(xml, party.Account);
            Write(xml, party.AssociatedAccounts);
        });

    public static void Write(ElementWriter xml, IntendedRecipient party) =>
        xml.ElementWithInfo("intendedRecipient", party.AdditionalInfo, () =>
        {
            ContactWriter.Write(xml, "intendedRecipientPerson", party.Person);
            WriteIdentity(xml, party.Account);
            WriteNumbers(xml, "priorCTReports", party.Account.PriorReports);
            xml.Text("groupIdentifier", party.GroupIdentifier, 255);
            WriteStanding(xml, party.Account);
        });

    public static void Write(ElementWriter xml, Victim party) =>
        xml.ElementWithInfo("victim", party.AdditionalInfo, () =>
        {
            ContactWriter.Write(xml, "victimPerson", party.Person);
            WriteIdentity(xml, party.Account);
            xml.Text("schoolName", party.SchoolName, 255);
            WriteNumbers(xml, "priorCTReports", party.Account.PriorReports);
            WriteStanding(xml, party.Account);
            Write(xml, party.AssociatedAccounts);
        });

    private static void WriteIdentity(ElementWriter xml, UserAccount account)
    {
        xml.Text("espIdentifier", account.EspIdentifier, 255);
        xml.Text("espService", account.EspService, 100);
        xml.Flag("compromisedAccount", account.CompromisedAccount);
        xml.Text("screenName", account.ScreenName, 256);
        xml.Texts("displayName", account.DisplayNames, 255);
        xml.Texts("profileUrl", account.ProfileUrls, UrlLength);
        xml.Text("profileBio", account.ProfileBio);
        ContactWriter.Write(xml, account.IpCaptureEvents);
        ContactWriter.Write(xml, account.DeviceIds);
    }

    private static void WriteStanding(ElementWriter xml, UserAccount account)
    {
        Write(xml, account.TemporarilyDisabled);
        Write(xml, account.PermanentlyDisabled);
        if (account.EstimatedLocation is { } place)
        {
            xml.Element("estimatedLocation", () =>
            {
                xml.Attribute("verified", place.Verified);
                xml.Attribute("timestamp", place.Timestamp);
                xml.Text("city", place.City, 255);
                xml.Text("region", place.Region, 255);
                xml.Text("countryCode", place.CountryCode);
            });
        }

        xml.Flag("allEmailsReported", account.AllEmailsReported);
    }

    private static void Write(ElementWriter xml, IReadOnlyList<AssociatedAccount> accounts)
    {
        foreach (var account in accounts)
        {
            xml.ElementWithInfo("associatedAccount", account.AdditionalInfo, () =>
            {
                xml.Attribute("type", SchemaWords.AccountKinds[(int)account.Type]);
                WriteMembers(xml, account);
            });
        }
    }

    private static void WriteMembers(ElementWriter xml, AssociatedAccount account)
    {
        if (account.Platform is { } platform)
        {
            xml.Element("platform", () =>
            {
                xml.Attribute("thirdPartyUser", platform.ThirdPartyUser);
                xml.Value(platform.Name, 256);
            });
        }

        xml.Text("firstName", account.FirstName, 256);
        xml.Text("middleName", account.MiddleName, 256);
        xml.Text("lastName", account.LastName, 256);
        xml.Number("approximateAge", account.ApproximateAge);
        ContactWriter.WriteDiscrepancy(xml, account.AgeAssertionDiscrepancy);
        xml.Date("dateOfBirth", account.DateOfBirth);
        ContactWriter.Write(xml, "phone", account.Phones);
        ContactWriter.Write(xml, "email", account.Emails);
        xml.Flag("allEmailsReported", account.AllEmailsReported);
        ContactWriter.Write(xml, "address", account.Addresses);
        xml.Text("espService", account.EspService, 256);
        xml.Text("espIdentifier", account.EspIdentifier, 256);
        xml.Texts("profileUrl", account.ProfileUrls, UrlLength);
        xml.Text("screenName", account.ScreenName, 256);
        xml.Texts("displayName", account.DisplayNames, 255);
        xml.Text("profileBio", account.ProfileBio);
        xml.Text("groupIdentifier", account.GroupIdentifier, 256);
        xml.Flag("compromisedAccount", account.CompromisedAccount);
        Write(xml, account.TemporarilyDisabled);
        Write(xml, account.PermanentlyDisabled);
        ContactWriter.Write(xml, account.IpCaptureEvents);
        ContactWriter.Write(xml, account.DeviceIds);
        WriteNumbers(xml, "priorCTReport", account.PriorReports);
    }

    private static void Write(ElementWriter xml, TemporaryDisabling? disabling)
    {
        if (disabling is null)
        {
            return;
        }

        xml.Element("accountTemporarilyDisabled", () =>
        {
            xml.Attribute("disabledDate", disabling.DisabledDate);
            xml.Attribute("userNotified", disabling.UserNotified);
            xml.Attribute("userNotifiedDate", disabling.UserNotifiedDate);
            xml.Attribute("reenabledDate", disabling.ReenabledDate);
            xml.Value(disabling.IsDisabled);
        });
    }

    private static void Write(ElementWriter xml, PermanentDisabling? disabling)
    {
        if (disabling is null)
        {
            return;
        }

        xml.Element("accountPermanentlyDisabled", () =>
        {
            xml.Attribute("disabledDate", disabling.DisabledDate);
            xml.Attribute("userNotified", disabling.UserNotified);
            xml.Attribute("userNotifiedDate", disabling.UserNotifiedDate);
            xml.Value(disabling.IsDisabled);
        });
    }

    private static void WriteNumbers(ElementWriter xml, string name, IReadOnlyList<long> numbers)
    {
        foreach (var number in numbers)
        {
            xml.Number(name, number);
        }
    }
}
