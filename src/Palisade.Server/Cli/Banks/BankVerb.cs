using System.CommandLine;

namespace Palisade.Server.Cli.Banks;

/// <summary><c>palisade bank</c>: everything about collections of signals.</summary>
internal static class BankVerb
{
    public static Command Create(Terminal terminal)
    {
        var verb = new Verb(
            "bank",
            "Manage banks: named collections of known fingerprints that uploads are compared with.",
            "palisade bank create hotline-list --owner \"Trust and safety\" --purpose known-material",
            "palisade bank import hotline-list hashes.csv")
        {
            BankCreateVerb.Create(terminal),
            BankListVerb.Create(terminal),
            BankShowVerb.Create(terminal),
            BankChangeVerb.Create(terminal),
            BankAddVerb.Create(terminal),
            BankImportVerb.Create(terminal),
            BankExportVerb.Create(terminal),
            BankSignalsVerb.Create(terminal),
            BankWithdrawVerb.Create(terminal),
            BankDisableVerb.Create(terminal),
            BankEnableVerb.Create(terminal),
            BankChangesVerb.Create(terminal),
            BankRemoveVerb.Create(terminal),
        };
        return verb;
    }
}
