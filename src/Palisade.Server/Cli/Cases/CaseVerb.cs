using System.CommandLine;

namespace Palisade.Server.Cli.Cases;

/// <summary><c>palisade case</c>: what is not clean, or was flagged, until a person has decided.</summary>
internal static class CaseVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "case",
        "See and decide the cases: uploads that are not clean, and what people flagged.",
        "palisade case list",
        "palisade case decide 17 --outcome benign --reason \"a harbour at dusk, nothing else\"",
        "palisade case close 17 --action release --reason \"a harbour at dusk, nothing else\"")
    {
        CaseListVerb.Create(terminal),
        CaseShowVerb.Create(terminal),
        CaseOpenVerb.Create(terminal),
        CaseNoteVerb.Create(terminal),
        CaseAssignVerb.Create(terminal),
        CaseDecideVerb.Create(terminal),
        CaseUndoVerb.Create(terminal),
        CaseCloseVerb.Create(terminal),
        CaseReopenVerb.Create(terminal),
        CaseExportVerb.Create(terminal),
    };
}
