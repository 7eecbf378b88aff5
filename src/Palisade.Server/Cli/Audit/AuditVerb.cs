using System.CommandLine;

namespace Palisade.Server.Cli.Audit;

/// <summary><c>palisade audit</c>: who did what, and the proof of it.</summary>
internal static class AuditVerb
{
    public static Command Create(Terminal terminal) => new Verb(
        "audit",
        "Read the audit log, prove its entries, and check that nothing of it was changed.",
        "palisade audit list --action bank. --last 20")
    {
        AuditListVerb.Create(terminal),
        AuditShowVerb.Create(terminal),
        AuditCheckpointVerb.Create(terminal),
        AuditProveVerb.Create(terminal),
        AuditVerifyVerb.Create(terminal),
        AuditForgetVerb.Create(terminal),
        AuditMendVerb.Create(terminal),
    };
}
