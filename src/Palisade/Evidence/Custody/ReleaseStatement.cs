using System.Security.Cryptography;
using System.Text;
using Palisade.Review;

namespace Palisade.Evidence.Custody;

/// <summary>
/// What is to leave and to whom, as text in one written form. Its SHA-256 is what the second person approves and what the
/// audit log records before any byte leaves; the text itself lies in the packet.
/// </summary>
/// <remarks>docs/reference/custody-packet.md describes it line by line.</remarks>
public sealed record ReleaseStatement(CaseId Case, Recipient Recipient, IReadOnlyList<EvidenceRecord> Evidence)
{
    public const string FileName = "release.txt";

    /// <summary>First line; a changed layout gets a new number.</summary>
    public const string Version = "palisade-release/v1";

    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        text.Append(Version).Append('\n');
        text.Append("case ").Append(Case).Append('\n');
        text.Append("to ").Append(Recipient.Words).Append('\n');
        foreach (var piece in Evidence)
        {
            text.Append("evidence ").Append(piece.Id)
                .Append(" sealed ").Append(Convert.ToHexStringLower(piece.SealedSha256))
                .Append(" facts ").Append(Convert.ToHexStringLower(piece.FactsSha256)).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    public byte[] Digest() => SHA256.HashData(ToBytes());
}
