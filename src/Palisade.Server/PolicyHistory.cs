using System.Security.Cryptography;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Server;

/// <summary>Puts on the audit log which policy and which retention are in force, whenever they are others than before.</summary>
internal static class PolicyHistory
{
    public const string Policy = "policy";
    public const string Retention = "retention";

    /// <param name="subject">Which of the two the file is.</param>
    public static async Task NoteAsync(AuditLog audit, Store store, string subject, string file, CancellationToken cancellationToken)
    {
        var digest = SHA256.HashData(await File.ReadAllBytesAsync(file, cancellationToken));
        if (!await IsInForceAsync(audit, subject, digest, cancellationToken))
        {
            await store.WriteAsync(
                transaction => audit.AppendAsync(
                    transaction,
                    new AuditEntry { Action = $"{subject}.changed", Actor = Actor.Palisade, Subject = subject, Digest = digest }),
                cancellationToken);
        }
    }

    /// <summary>Whether there ever was such a file, as far as the log can be read.</summary>
    public static async Task<bool> HasBeenAsync(AuditLog audit, string subject, CancellationToken cancellationToken)
    {
        try
        {
            return (await audit.ListAsync(new AuditFilter { Subject = subject }, 1, cancellationToken)).Count > 0;
        }
        catch (DamagedAuditException)
        {
            return true;
        }
    }

    private static async Task<bool> IsInForceAsync(AuditLog audit, string subject, byte[] digest, CancellationToken cancellationToken)
    {
        try
        {
            return await audit.ListAsync(new AuditFilter { Subject = subject }, 1, cancellationToken) is [{ Digest: { } last }] &&
                last.AsSpan().SequenceEqual(digest);
        }
        catch (DamagedAuditException)
        {
            // A damaged entry is named elsewhere and must not keep uploads from being matched; the policy is noted anew.
            return false;
        }
    }
}
