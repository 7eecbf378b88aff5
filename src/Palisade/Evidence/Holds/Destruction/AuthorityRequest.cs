using System.Security.Cryptography;
using System.Text.Json;

namespace Palisade.Evidence.Holds.Destruction;

/// <summary>A law enforcement agency's request to destroy a depiction: 18 U.S.C. 2258B(c)(2).</summary>
/// <param name="Authority">The agency and the office, as it signs.</param>
/// <param name="Reference">Its number for the matter.</param>
/// <param name="ReceivedAt">When the request came.</param>
/// <param name="VerifiedBy">Who made sure that it is genuine.</param>
/// <param name="Verification">How: a call back to a number from the agency's own directory, say.</param>
public sealed record AuthorityRequest(
    string Authority, string Reference, DateTimeOffset ReceivedAt, string VerifiedBy, string Verification)
{
    public const string Basis = "18 U.S.C. 2258B(c)(2)";

    private const int LongestText = 500;

    /// <summary>What is missing or too long, and what to do; null when nothing is.</summary>
    public string? Fault(DateTimeOffset now)
    {
        foreach (var (name, text) in new[]
                 {
                     ("authority", Authority), ("reference", Reference), ("verified-by", VerifiedBy), ("verification", Verification),
                 })
        {
            if (string.IsNullOrWhiteSpace(text) || text.Length > LongestText)
            {
                return $"{name}: give it, in at most {LongestText} characters. The record of a destruction has to stand without you.";
            }
        }

        return ReceivedAt > now + TimeSpan.FromDays(1) ? "received: a request that is still to come cannot be acted upon." : null;
    }

    /// <summary>What two people decide about: this very evidence, by this very request.</summary>
    internal byte[] ContentFor(EvidenceRecord evidence) => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        new { evidence = evidence.Id.ToString(), sealedSha256 = Convert.ToHexStringLower(evidence.SealedSha256), request = this },
        JsonSerializerOptions.Web));
}
