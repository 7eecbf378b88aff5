using System.CommandLine;

namespace Palisade.Server.Cli.Retention;

/// <summary><c>palisade retention</c>: which laws each surface is under, and what follows.</summary>
internal static class RetentionVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "retention",
        "See how long evidence of each surface is kept and by which law, and record which of two laws governs.",
        "palisade retention show",
        "palisade retention choose chat-images us --over eu-messages --reason \"counsel, 3 March: the report's duty governs\"")
    {
        RetentionShowVerb.Create(terminal),
        RetentionChooseVerb.Create(terminal),
    };
}
