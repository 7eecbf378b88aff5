namespace Palisade.CyberTipline;

/// <summary>The exact words of the schema for each value of our enumerations, in the order of their numbers.</summary>
internal static class SchemaWords
{
    public static readonly string[] IncidentTypes =
    [
        "Child Pornography (possession, manufacture, and distribution)",
        "Child Sex Trafficking",
        "Child Sex Tourism",
        "Child Sexual Molestation",
        "Misleading Domain Name",
        "Misleading Words or Digital Images on the Internet",
        "Online Enticement of Children for Sexual Acts",
        "Unsolicited Obscene Material Sent to a Child",
    ];

    public static readonly string[] BatchReasons = ["VIRAL_POTENTIAL_MEME"];

    public static readonly string[] CaptureEvents = ["Login", "Registration", "Purchase", "Upload", "Other", "Unknown"];

    public static readonly string[] PhoneKinds = ["Mobile", "Home", "Business", "Work", "Fax", "Internet", "Recovery"];

    public static readonly string[] EmailKinds = ["Home", "Work", "Business", "Recovery"];

    public static readonly string[] AddressKinds = ["Home", "Business", "Billing", "Shipping", "Technical"];

    public static readonly string[] AccountKinds = ["Billing", "Linked", "Business", "Creator", "Parent/Guardian", "Other"];

    public static readonly string[] FileRelevances = ["Reported", "Supplemental Reported"];

    public static readonly string[] IndustryClassifications = ["A1", "A2", "B1", "B2"];

    public static readonly string[] MetadataKinds = ["EXIF", "HASH"];

    /// <summary>By bit, lowest first. The last three are 2026 additions.</summary>
    public static readonly string[] ReportAnnotations =
    [
        "sextortion", "csamSolicitation", "minorToMinorInteraction", "spam", "sadisticOnlineExploitation",
        "informational", "potentialAggravatingFactors", "instrumentalUse",
    ];

    /// <summary>By bit, lowest first.</summary>
    public static readonly string[] FileAnnotations =
    [
        "animeDrawingVirtualHentai", "potentialMeme", "viral", "possibleSelfProduction", "physicalHarm", "violenceGore",
        "bestiality", "liveStreaming", "infant", "generativeAi",
    ];

    /// <summary>Named by readers of the 2026 documentation; sent only to an authority whose own schema has them.</summary>
    public static readonly string[] Additions2026 =
        ["informational", "potentialAggravatingFactors", "instrumentalUse", "ageAssertionDiscrepancy"];
}
