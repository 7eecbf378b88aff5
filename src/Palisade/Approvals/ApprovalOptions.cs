using Microsoft.Extensions.Configuration;

namespace Palisade.Approvals;

/// <summary>How long approvals stand, and whether a person who is alone may be the second one too.</summary>
public sealed record ApprovalOptions
{
    /// <summary>How long a request waits for a second person. Default 72 hours.</summary>
    public TimeSpan RequestStands { get; init; } = TimeSpan.FromHours(72);

    /// <summary>How long an approval can be used once it was given. Default 24 hours.</summary>
    public TimeSpan ApprovalStands { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// There is no second person: the one who asked may approve, 24 hours after asking and not before. It is shown
    /// wherever approvals are.
    /// </summary>
    [ConfigurationKeyName("single-operator-i-accept")]
    public bool SingleOperatorIAccept { get; init; }

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    public string? Fault() =>
        RequestStands < TimeSpan.FromHours(1) || RequestStands > TimeSpan.FromDays(30) ||
        ApprovalStands < TimeSpan.FromMinutes(5) || ApprovalStands > TimeSpan.FromDays(7)
            ? "approvals.requestStands must be 01:00:00 to 30.00:00:00, and approvals.approvalStands 00:05:00 to 7.00:00:00."
        : SingleOperatorIAccept && RequestStands < ApprovalBook.SingleOperatorWaits + TimeSpan.FromHours(1)
            ? "approvals.requestStands must be more than a day with single-operator-i-accept, or no request could ever be approved."
        : null;
}
