using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Evidence.Holds.Retention;

/// <summary>The recorded words on which of two duties governs a surface: added, never changed, each on the audit log.</summary>
public sealed class RetentionChoices(Store store, BankKey key, AuditLog audit, TimeProvider clock)
{
    private const int LongestReason = 1000;
    private const string Sequence = "retention_choice";

    private readonly RecordSeal _seal = new(key.DeriveFor("palisade retention v1 choices"u8));

    /// <summary>Records which duty governs. A later word about the same conflict takes the earlier one's place.</summary>
    /// <param name="governs">The rule that is kept; one of the conflict's two.</param>
    /// <returns>Null when recorded, else why not.</returns>
    public async Task<string?> RecordAsync(
        RetentionConflict conflict, RetentionRule governs, string reason, Actor by, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason)
        {
            return $"Give the reason, in at most {LongestReason} characters: somebody will ask for it in a year.";
        }

        var passedOver = governs == conflict.Shortest ? conflict.Longest : conflict.Shortest;
        var choice = new RetentionChoice(
            conflict.Surface, conflict.Identity, governs.Identity, passedOver.Identity, clock.GetUtcNow(), by.ToString(), reason);
        await store.WriteAsync(
            async transaction =>
            {
                var row = new Row(await Sequences.TakeAsync(transaction, Sequence), conflict.Surface, choice.ChosenAt.ToUnixTimeMilliseconds(), []);
                row = row with { Facts = _seal.Seal(JsonSerializer.SerializeToUtf8Bytes(choice, JsonSerializerOptions.Web), row.Bound()) };
                await transaction.Connection!.ExecuteAsync(
                    "INSERT INTO retention_choice (number, surface, chosen_at, facts) VALUES (@Number, @Surface, @ChosenAt, @Facts)",
                    row,
                    transaction);
                await audit.AppendAsync(transaction, new AuditEntry
                {
                    Action = "retention.chosen",
                    Actor = by,
                    Subject = $"surface/{conflict.Surface}",
                    Reason = $"{governs} over {passedOver}",
                    Digest = SHA256.HashData(row.Facts),
                });
                return row.Number;
            },
            cancellationToken);
        return null;
    }

    /// <summary>The word that counts for each conflict of each surface.</summary>
    /// <exception cref="StoreUnusableException">A row was changed outside Palisade.</exception>
    public Task<IReadOnlyList<RetentionChoice>> ListAsync(CancellationToken cancellationToken) =>
        store.ReadAsync<IReadOnlyList<RetentionChoice>>(
            async connection =>
            {
                var rows = await connection.QueryAsync<Row>(
                    "SELECT number AS Number, surface AS Surface, chosen_at AS ChosenAt, facts AS Facts FROM retention_choice ORDER BY number");
                return
                [
                    .. rows.Select(row => JsonSerializer.Deserialize<RetentionChoice>(_seal.Open(row.Facts, row.Bound()), JsonSerializerOptions.Web)!)
                        .GroupBy(choice => (choice.Surface, choice.Conflict))
                        .Select(words => words.Last()),
                ];
            },
            cancellationToken);

    private sealed record Row(long Number, string Surface, long ChosenAt, byte[] Facts)
    {
        public string Bound() => FormattableString.Invariant($"retention_choice|{Number}|{Surface}|{ChosenAt}");
    }
}
