using System.Data.Common;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Approvals;

/// <summary>
/// Asks a second person before something dangerous is done. An approval is bound to one operation, one object and that
/// object's content, expires, and serves once.
/// </summary>
public sealed class ApprovalBook(Store store, AuditLog audit, TimeProvider clock)
{
    /// <param name="subject">Kind and id of the object.</param>
    /// <param name="content">SHA-256 of what the operation is about to act on; a changed object makes the approval void.</param>
    public Task<long> RequestAsync(
        TwoPersonOperation operation, string subject, byte[] content, Actor requester, string reason, CancellationToken cancellationToken) =>
        throw Unfilled(store, audit, clock, operation, subject, content, requester, reason, cancellationToken);

    /// <returns>Null when approved, else why not, in words for the person.</returns>
    public Task<string?> ApproveAsync(long id, Actor approver, CancellationToken cancellationToken) =>
        throw Unfilled(id, approver, cancellationToken);

    /// <summary>Uses an approval up in the transaction of the act (or of the act's announcement).</summary>
    /// <returns>Null when it may be done, else why not; every refusal is on the audit log.</returns>
    public Task<string?> SpendAsync(
        DbTransaction transaction, long id, TwoPersonOperation operation, string subject, byte[] content, Actor actor) =>
        throw Unfilled(transaction, id, operation, subject, content, actor);

    private static NotSupportedException Unfilled(params object?[] used) => new(FormattableString.Invariant($"{used.Length} parameters, no body yet."));
}
