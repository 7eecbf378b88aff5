using Palisade.Banks;
using Palisade.Policy;

namespace Palisade.Tests.Policy;

/// <summary>Banks as tests need them: practice, blocking allowed, everything else by default.</summary>
internal static class SampleBank
{
    internal static Bank With(
        BankPurpose purpose, string name = "sample", long id = 1, VerdictAction allowed = VerdictAction.Block) => new()
        {
            Id = new BankId(id),
            Name = name,
            Owner = "tests",
            Purpose = purpose,
            AllowedAction = allowed,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
}
