using System.Diagnostics.CodeAnalysis;
using Palisade.Storage;

namespace Palisade.Reporting;

/// <summary>Our own id of one report: <c>rep_</c> and 128 random bits in hexadecimal.</summary>
public readonly record struct ReportId
{
    private const string Prefix = "rep_";

    private readonly string _text;

    private ReportId(string text) => _text = text;

    public static ReportId New() => new(RandomId.New(Prefix));

    public static bool TryParse([NotNullWhen(true)] string? text, out ReportId id)
    {
        var isId = RandomId.IsOne(text, Prefix);
        id = isId ? new ReportId(text!) : default;
        return isId;
    }

    public override string ToString() => _text;
}
