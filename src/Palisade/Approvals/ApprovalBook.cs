using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Approvals;

/// <summary>
/// Asks a second person before something dangerous is done. An approval is bound to one operation, one object and that
/// object's content, ends after a time, and serves once, for the person who asked.
/// </summary>
public sealed class ApprovalBook(Store store, BankKey key, AuditLog audit, ApprovalOptions options, TimeProvider clock)
{
    /// <summary>How long a person who is alone has to think it over.</summary>
    public static readonly TimeSpan SingleOperatorWaits = TimeSpan.FromHours(24);

    private const string Sequence = "approval";
    public const int LongestReason = 1000;

    private const string Columns =
        """
        SELECT id AS Id, operation AS Operation, subject AS Subject, content AS Content, state AS State,
               requested_at AS RequestedAt, ends_at AS EndsAt, facts AS Facts
        FROM approval
        """;

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade approvals v1 records"u8));

    /// <summary>One person may be both, a day apart. To be shown wherever approvals matter.</summary>
    public bool IsSingleOperator => options.SingleOperatorIAccept;

    /// <param name="subject">Kind and id of the object.</param>
    /// <param name="content">SHA-256 of what the operation is about to act on; a changed object makes the approval void.</param>
    /// <returns>The number of the request, for the second person.</returns>
    public Task<long> RequestAsync(
        TwoPersonOperation operation, string subject, byte[] content, Actor requester, string reason, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(reason.Length, LongestReason, nameof(reason));
        return store.WriteAsync(
            async transaction =>
            {
                var now = Now();
                var approval = new Approval
                {
                    Id = await Sequences.TakeAsync(transaction, Sequence),
                    Operation = operation,
                    Subject = subject,
                    Content = content,
                    State = ApprovalState.Requested,
                    RequestedAt = now,
                    EndsAt = now + options.RequestStands,
                    Requester = requester.ToString(),
                    Reason = reason,
                };
                await transaction.Connection!.ExecuteAsync(
                    """
                    INSERT INTO approval (id, operation, subject, content, state, requested_at, ends_at, facts)
                    VALUES (@Id, @Operation, @Subject, @Content, @State, @RequestedAt, @EndsAt, @Facts)
                    """,
                    Sealed(approval),
                    transaction);
                await LogAsync(transaction, "approval.requested", approval, requester, null);
                return approval.Id;
            },
            cancellationToken);
    }

    /// <returns>Null when approved, else why not, in words for the person.</returns>
    public Task<string?> ApproveAsync(long id, Actor approver, CancellationToken cancellationToken) => AnswerAsync(
        id,
        approver,
        approval => RefuseApproval(approval, approver),
        approval => approval with
        {
            State = ApprovalState.Approved,
            Approver = approver.ToString(),
            EndsAt = Now() + options.ApprovalStands,
        },
        "approval.approved",
        cancellationToken);

    /// <summary>Says no, which nobody can change any more. The person who asked may also take a request back this way.</summary>
    /// <returns>Null when denied, else why not.</returns>
    public Task<string?> DenyAsync(long id, Actor by, CancellationToken cancellationToken) => AnswerAsync(
        id,
        by,
        approval => approval.State is ApprovalState.Requested or ApprovalState.Approved ? null
            : new Refusal("already-answered", AlreadyText(approval)),
        approval => approval with { State = ApprovalState.Denied, Approver = by.ToString() },
        "approval.denied",
        cancellationToken);

    /// <summary>Uses an approval up in the transaction of the act (or of the act's announcement).</summary>
    /// <remarks>
    /// It writes to the audit log, so take the act's own numbers first. A refusal stays on the log only when the transaction
    /// commits: return it as a value and change nothing else, instead of throwing.
    /// </remarks>
    /// <returns>Null when it may be done, else why not; every refusal is on the audit log.</returns>
    public async Task<string?> SpendAsync(
        DbTransaction transaction, long id, TwoPersonOperation operation, string subject, byte[] content, Actor actor)
    {
        await Sequences.TakeAsync(transaction, Sequence, count: 0);
        if (await FindAsync(transaction.Connection!, id, transaction) is not { } approval)
        {
            await LogUnknownAsync(transaction, id, actor);
            return $"There is no approval {id}.";
        }

        var refusal = RefuseSpending(approval, operation, subject, content, actor);
        if (refusal is not null)
        {
            await LogAsync(transaction, "approval.refused", approval, actor, refusal.Value.Word);
            return refusal.Value.Text;
        }

        await UpdateAsync(transaction, approval with { State = ApprovalState.Spent });
        await LogAsync(transaction, "approval.spent", approval, actor, null);
        return null;
    }

    /// <summary>Requests that wait, and the newest that do not, newest first.</summary>
    public Task<IReadOnlyList<Approval>> ListAsync(bool waitingOnly, int limit, CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<Approval>>(
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    $"{Columns} {(waitingOnly ? "WHERE state = 'requested' AND ends_at > @now" : "")} ORDER BY id DESC LIMIT @limit",
                    new { limit = Math.Clamp(limit, 1, 1000), now = Now().ToUnixTimeMilliseconds() })).Select(Open),
            ],
            cancellationToken);

    public Task<Approval?> FindAsync(long id, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => FindAsync(connection, id, null), cancellationToken);

    private Refusal? RefuseApproval(Approval approval, Actor approver)
    {
        if (approval.State != ApprovalState.Requested)
        {
            return new("already-answered", AlreadyText(approval));
        }

        if (Now() >= approval.EndsAt)
        {
            return new("expired", "The request has ended. Ask again.");
        }

        if (!IsSamePerson(approval.Requester, approver.ToString()))
        {
            return null;
        }

        return !options.SingleOperatorIAccept
            ? new("same-person", "You asked for this yourself. Another person must approve it.")
            : Now() < approval.RequestedAt + SingleOperatorWaits
                ? new("too-soon", string.Create(
                    CultureInfo.InvariantCulture,
                    $"You asked for this yourself. As a single operator you may approve it from {approval.RequestedAt + SingleOperatorWaits:yyyy-MM-dd HH:mm} UTC on."))
                : null;
    }

    private Refusal? RefuseSpending(
        Approval approval, TwoPersonOperation operation, string subject, byte[] content, Actor actor) => approval switch
        {
            { State: ApprovalState.Requested } => new("not-approved", $"Nobody has approved request {approval.Id} yet. Ask a colleague: palisade approval approve {approval.Id}"),
            { State: ApprovalState.Denied } => new("denied", $"Request {approval.Id} was denied."),
            { State: ApprovalState.Spent } => new("spent", $"Approval {approval.Id} was used already, and each serves once. Ask again."),
            _ when Now() >= approval.EndsAt => new("expired", $"Approval {approval.Id} has ended. Ask again."),
            _ when approval.Operation != operation || approval.Subject != subject =>
                new("other-object", $"Approval {approval.Id} is for something else."),
            _ when !CryptographicOperations.FixedTimeEquals(approval.Content, content) =>
                new("changed-content", $"What approval {approval.Id} was given for has changed since. Ask again."),
            _ when !IsSamePerson(approval.Requester, actor.ToString()) =>
                new("not-the-requester", $"Only the person who asked may use approval {approval.Id}."),
            _ => null,
        };

    /// <summary>Account names that differ in case or in blanks around them are one person's.</summary>
    private static bool IsSamePerson(string one, string other) => string.Equals(Plain(one), Plain(other), StringComparison.Ordinal);

    private static string Plain(string actor) => string.Join(':', actor.Split(':').Select(part => part.Trim())).ToUpperInvariant();

    private static string AlreadyText(Approval approval) => $"Request {approval.Id} was {Words.Of(approval.State)} already.";

    private Task<string?> AnswerAsync(
        long id,
        Actor by,
        Func<Approval, Refusal?> refuse,
        Func<Approval, Approval> change,
        string action,
        CancellationToken cancellationToken) => store.WriteAsync<string?>(
            async transaction =>
            {
                await Sequences.TakeAsync(transaction, Sequence, count: 0);
                if (await FindAsync(transaction.Connection!, id, transaction) is not { } approval)
                {
                    await LogUnknownAsync(transaction, id, by);
                    return $"There is no request {id}. `palisade approval list` shows those that wait.";
                }

                if (refuse(approval) is { } refusal)
                {
                    await LogAsync(transaction, "approval.refused", approval, by, refusal.Word);
                    return refusal.Text;
                }

                await UpdateAsync(transaction, change(approval));
                await LogAsync(transaction, action, approval, by, null);
                return null;
            },
            cancellationToken);

    private Task<int> UpdateAsync(DbTransaction transaction, Approval approval) => transaction.Connection!.ExecuteAsync(
        "UPDATE approval SET state = @State, ends_at = @EndsAt, facts = @Facts WHERE id = @Id", Sealed(approval), transaction);

    private Task<long> LogAsync(DbTransaction transaction, string action, Approval approval, Actor by, string? word) =>
        audit.AppendAsync(transaction, new AuditEntry
        {
            Action = action,
            Actor = by,
            Subject = string.Create(CultureInfo.InvariantCulture, $"approval/{approval.Id}"),
            Reason = $"{Words.Of(approval.Operation)} of {approval.Subject}{(word is null ? "" : $": {word}")}",
            Digest = approval.Content,
        });

    private Task<long> LogUnknownAsync(DbTransaction transaction, long id, Actor by) => audit.AppendAsync(transaction, new AuditEntry
    {
        Action = "approval.refused",
        Actor = by,
        Subject = string.Create(CultureInfo.InvariantCulture, $"approval/{id}"),
        Reason = "unknown",
    });

    private async Task<Approval?> FindAsync(DbConnection connection, long id, DbTransaction? transaction) =>
        await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} WHERE id = @id", new { id }, transaction) is { } row ? Open(row) : null;

    private Row Sealed(Approval approval)
    {
        var row = new Row(
            approval.Id, Words.Of(approval.Operation), approval.Subject, approval.Content, Words.Of(approval.State),
            approval.RequestedAt.ToUnixTimeMilliseconds(), approval.EndsAt.ToUnixTimeMilliseconds(), []);
        var people = JsonSerializer.SerializeToUtf8Bytes(new People(approval.Requester, approval.Reason, approval.Approver));
        return row with { Facts = _seal.Seal(people, row.Bound()) };
    }

    private Approval Open(Row row)
    {
        var people = JsonSerializer.Deserialize<People>(_seal.Open(row.Facts, row.Bound()))!;
        return new Approval
        {
            Id = row.Id,
            Operation = Words.Parse<TwoPersonOperation>(row.Operation),
            Subject = row.Subject,
            Content = row.Content,
            State = Words.Parse<ApprovalState>(row.State),
            RequestedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.RequestedAt),
            EndsAt = DateTimeOffset.FromUnixTimeMilliseconds(row.EndsAt),
            Requester = people.Requester,
            Reason = people.Reason,
            Approver = people.Approver,
        };
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    private readonly record struct Refusal(string Word, string Text);

    private sealed record People(string Requester, string Reason, string? Approver);

    private sealed record Row(
        long Id, string Operation, string Subject, byte[] Content, string State, long RequestedAt, long EndsAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant(
            $"approval|{Id}|{Operation}|{Subject}|{Convert.ToHexStringLower(Content)}|{State}|{RequestedAt}|{EndsAt}");
    }
}
