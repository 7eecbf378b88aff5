namespace Palisade.CyberTipline;

/// <summary>
/// The codes that the CyberTipline knows: ISO 3166-1 in two letters, with the legacy values A1 (anonymous proxy), A2
/// (satellite provider), O1 (other), AP, EU, AN and FX; and 54 states and territories of the United States.
/// </summary>
public static class CountryCodes
{
    public static bool IsCountry(string code) => Schema.CountryCodes.Contains(code);

    public static bool IsUsState(string code) => Schema.UsStates.Contains(code);
}
