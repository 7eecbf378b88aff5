using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// The pseudonyms by which the log names people and machines, and whose they are.
/// </summary>
/// <remarks>
/// A pseudonym is a keyed digest (HMAC-SHA-256 cut to 128 bits) of the actor's name, so every node gives the same one and the
/// log alone tells nobody's name. Names lie sealed in a table of their own. A forgotten name leaves the pseudonym in the log;
/// whoever holds the bank key can then still test a guess, and nobody can list names.
/// </remarks>
public sealed class AuditActors
{
    private const string Prefix = "act_";
    private const int PseudonymBytes = 16;

    /// <summary>Few work on one deployment; this only keeps a mistake from growing for ever.</summary>
    private const int MostRemembered = 10_000;

    private readonly byte[] _key;
    private readonly RecordSeal _seal;
    private readonly ConcurrentDictionary<Actor, string> _pseudonyms = new();

    internal AuditActors(BankKey key)
    {
        _key = key.DeriveFor("palisade audit v1 pseudonyms"u8);
        _seal = new RecordSeal(key.DeriveFor("palisade audit v1 names"u8));
    }

    public string PseudonymOf(Actor actor)
    {
        if (_pseudonyms.TryGetValue(actor, out var known))
        {
            return known;
        }

        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(actor.ToString()), digest);
        var pseudonym = Prefix + Convert.ToHexStringLower(digest[..PseudonymBytes]);
        if (_pseudonyms.Count < MostRemembered)
        {
            _pseudonyms[actor] = pseudonym;
        }

        return pseudonym;
    }

    /// <summary>Notes whose pseudonyms these are, in the transaction that first uses them.</summary>
    internal async Task NoteAsync(DbTransaction transaction, IEnumerable<Actor> actors)
    {
        foreach (var actor in actors.Distinct())
        {
            var pseudonym = PseudonymOf(actor);
            await transaction.Connection!.ExecuteAsync(
                "INSERT INTO audit_actor (pseudonym, sealed_name) VALUES (@pseudonym, @name) ON CONFLICT (pseudonym) DO NOTHING",
                new { pseudonym, name = _seal.Seal(Encoding.UTF8.GetBytes(actor.ToString()), Bound(pseudonym)) },
                transaction);
        }
    }

    /// <summary>The names that are known, by pseudonym.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> NamesAsync(DbConnection connection)
    {
        var rows = await connection.QueryAsync<(string Pseudonym, byte[] Name)>("SELECT pseudonym, sealed_name FROM audit_actor");
        return rows.ToDictionary(
            row => row.Pseudonym,
            row => Encoding.UTF8.GetString(_seal.Open(row.Name, Bound(row.Pseudonym))),
            StringComparer.Ordinal);
    }

    /// <returns>False when the pseudonym's name was not known.</returns>
    internal static async Task<bool> ForgetAsync(DbTransaction transaction, string pseudonym) =>
        await transaction.Connection!.ExecuteAsync(
            "DELETE FROM audit_actor WHERE pseudonym = @pseudonym", new { pseudonym }, transaction) > 0;

    private static string Bound(string pseudonym) => "audit actor " + pseudonym;
}
