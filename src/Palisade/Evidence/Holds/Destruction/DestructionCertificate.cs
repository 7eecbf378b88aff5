using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Palisade.Evidence.Holds.Destruction;

/// <summary>
/// Says that a piece of evidence is gone for good: what it was, by which rule or request, when, and which audit entries say
/// so. The SHA-256 of its text is the digest of the entry that tells the result, so nobody can write another one later.
/// </summary>
/// <param name="Text">JSON, ended by a line feed; the very bytes that the log's digest is over.</param>
/// <param name="ResultEntry">The audit entry that holds the digest.</param>
public sealed record DestructionCertificate(ReadOnlyMemory<byte> Text, long ResultEntry)
{
    private static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public byte[] Sha256 => SHA256.HashData(Text.Span);

    /// <param name="keyDestroyedAt">From then on nothing could open it.</param>
    /// <param name="bytesRemovedAt">By then the sealed file was gone and the folder synchronised.</param>
    internal static byte[] Write(DestructionRecord record, DateTimeOffset keyDestroyedAt, DateTimeOffset bytesRemovedAt)
    {
        var facts = record.Facts;
        return
        [
            .. JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    certificate = "palisade-destruction/v1",
                    evidence = record.Evidence.ToString(),
                    @case = facts.Case,
                    facts.SealedSha256,
                    facts.SizeBytes,
                    facts.AdmittedAt,
                    cause = facts.Request is null ? "policy" : "authority-request",
                    facts.Rule,
                    facts.By,
                    facts.Request,
                    liftedHolds = facts.LiftedHolds.Count == 0 ? null : facts.LiftedHolds,
                    record.BegunAt,
                    record.BegunEntry,
                    keyDestroyedAt,
                    bytesRemovedAt,
                },
                Layout),
            (byte)'\n',
        ];
    }
}
