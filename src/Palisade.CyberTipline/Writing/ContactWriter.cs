namespace Palisade.CyberTipline;

/// <summary>Writes persons, their contacts, and what was captured of them.</summary>
internal static class ContactWriter
{
    public static void Write(ElementWriter xml, string name, Person? person)
    {
        if (person is null)
        {
            return;
        }

        xml.Element(name, () =>
        {
            xml.Text("firstName", person.FirstName, 100);
            xml.Text("lastName", person.LastName, 100);
            Write(xml, "phone", person.Phones);
            Write(xml, "email", person.Emails);
            Write(xml, "address", person.Addresses);
            xml.Number("age", person.Age);
            WriteDiscrepancy(xml, person.AgeAssertionDiscrepancy);
            xml.Date("dateOfBirth", person.DateOfBirth);
        });
    }

    public static void Write(ElementWriter xml, string name, ContactPerson? person)
    {
        if (person is not null)
        {
            Write(xml, name, new Person
            {
                FirstName = person.FirstName,
                LastName = person.LastName,
                Phones = person.Phones,
                Emails = person.Emails,
                Addresses = person.Addresses,
            });
        }
    }

    public static void WriteDiscrepancy(ElementWriter xml, bool? isDiscrepant)
    {
        if (isDiscrepant is not null && xml.IsKnownThere("ageAssertionDiscrepancy"))
        {
            xml.Flag("ageAssertionDiscrepancy", isDiscrepant);
        }
    }

    public static void Write(ElementWriter xml, string name, IReadOnlyList<Phone> phones)
    {
        foreach (var phone in phones)
        {
            xml.Element(name, () =>
            {
                xml.Attribute("type", phone.Type is { } kind ? SchemaWords.PhoneKinds[(int)kind] : null);
                xml.Attribute("verified", phone.Verified);
                xml.Attribute("verificationDate", phone.VerificationDate);
                xml.Attribute("countryCallingCode", phone.CountryCallingCode);
                xml.Attribute("extension", phone.Extension);
                xml.Value(phone.Number);
            });
        }
    }

    public static void Write(ElementWriter xml, string name, IReadOnlyList<Email> emails)
    {
        foreach (var email in emails)
        {
            xml.Element(name, () =>
            {
                xml.Attribute("type", email.Type is { } kind ? SchemaWords.EmailKinds[(int)kind] : null);
                xml.Attribute("verified", email.Verified);
                xml.Attribute("verificationDate", email.VerificationDate);
                xml.Value(email.Address);
            });
        }
    }

    public static void Write(ElementWriter xml, string name, IReadOnlyList<PostalAddress> addresses)
    {
        foreach (var address in addresses)
        {
            xml.Element(name, () =>
            {
                xml.Attribute("type", address.Type is { } kind ? SchemaWords.AddressKinds[(int)kind] : null);
                xml.Text("address", address.Address, 255);
                xml.Text("city", address.City, 100);
                xml.Text("zipCode", address.ZipCode);
                xml.Text("state", address.State);
                xml.Text("nonUsaState", address.NonUsaState, 100);
                xml.Text("country", address.Country);
            });
        }
    }

    public static void Write(ElementWriter xml, IReadOnlyList<IpCaptureEvent> captures)
    {
        foreach (var capture in captures)
        {
            xml.Element("ipCaptureEvent", () =>
            {
                xml.Text("ipAddress", capture.IpAddress);
                xml.Text("eventName", Word(capture.EventName));
                xml.Instant("dateTime", capture.DateTime);
                xml.Flag("possibleProxy", capture.PossibleProxy);
                xml.Number("port", capture.Port);
            });
        }
    }

    public static void Write(ElementWriter xml, IReadOnlyList<DeviceId> devices)
    {
        foreach (var device in devices)
        {
            xml.Element("deviceId", () =>
            {
                xml.Text("idType", device.IdType, 255);
                xml.Text("idValue", device.IdValue, 2083);
                xml.Text("eventName", Word(device.EventName));
                xml.Instant("dateTime", device.DateTime);
            });
        }
    }

    private static string? Word(CaptureEvent? happened) => happened is { } which ? SchemaWords.CaptureEvents[(int)which] : null;
}
