using System.CommandLine;

namespace Palisade.Server.Cli.Approvals;

/// <summary><c>palisade approval</c>: the second person's side of what nobody does alone.</summary>
internal static class ApprovalVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "approval",
        "See, approve or deny what needs a second person. The account that you logged in with says who you are, also behind sudo.",
        "palisade approval list",
        "palisade approval approve 12")
    {
        ApprovalListVerb.Create(terminal),
        ApprovalAnswerVerb.Create(
            "approve", "Approve a request of somebody else. It then serves once, within a day.", "Approved request {0}.", terminal,
            (book, id, token) => book.ApproveAsync(id, DataFolder.Me, token)),
        ApprovalAnswerVerb.Create(
            "deny", "Deny a request, or take your own back. Nobody can change that any more.", "Denied request {0}.", terminal,
            (book, id, token) => book.DenyAsync(id, DataFolder.Me, token)),
    };
}
