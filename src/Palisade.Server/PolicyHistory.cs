using System.Security.Cryptography;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Server;

/// <summary>Puts on the audit log which policy is in force, whenever it is another than before.</summary>
internal static class PolicyHistory
{
    private const string Subject = "policy";

    public static async Task NoteAsync(AuditLog audit, Store store, string file, CancellationToken cancellationToken)
    {
        var digest = SHA256.HashData(await File.ReadAllBytesAsync(file, cancellationToken));
        if (!await IsInForceAsync(audit, digest, cancellationToken))
        {
            await store.WriteAsync(
                transaction => audit.AppendAsync(
                    transaction,
                    new AuditEntry { Action = "policy.changed", Actor = Actor.Palisade, Subject = Subject, Digest = digest }),
                cancellationToken);
        }
    }

    private static async Task<bool> IsInForceAsync(AuditLog audit, byte[] digest, CancellationToken cancellationToken)
    {
        try
        {
            return await audit.ListAsync(new AuditFilter { Subject = Subject }, 1, cancellationToken) is [{ Digest: { } last }] &&
                last.AsSpan().SequenceEqual(digest);
        }
        catch (DamagedAuditException)
        {
            // A damaged entry is named elsewhere and must not keep uploads from being matched; the policy is noted anew.
            return false;
        }
    }
}
