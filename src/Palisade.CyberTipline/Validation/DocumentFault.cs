namespace Palisade.CyberTipline;

/// <summary>One reason why a document must not be sent. It never repeats a value of the document.</summary>
/// <param name="Rule"><c>schema</c>, <c>xml</c>, or the number of a rule beyond the schema, such as <c>R-05</c>.</param>
/// <param name="Element">Path such as <c>report/personOrUserReported[2]/email/@type</c>.</param>
/// <param name="Reason">What is wrong and what would be right.</param>
/// <param name="Line">Of the document's text, from 1; 0 where it is not known.</param>
public sealed record DocumentFault(string Rule, string Element, string Reason, int Line = 0)
{
    public override string ToString() => $"{Element}: {Reason} [{Rule}]";
}
