namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>Collects status codes of one manifest.</summary>
internal sealed class Verdicts
{
    private const int MaxCodes = 128;

    public List<string> Codes { get; } = [];

    public List<string> Failures { get; } = [];

    public void Note(string code) => Add(Codes, code);

    public void Fail(string code) => Add(Failures, code);

    public void Note(bool isGood, string good, string bad)
    {
        if (isGood)
        {
            Note(good);
        }
        else
        {
            Fail(bad);
        }
    }

    private static void Add(List<string> codes, string code)
    {
        if (codes.Count < MaxCodes && !codes.Contains(code))
        {
            codes.Add(code);
        }
    }
}
