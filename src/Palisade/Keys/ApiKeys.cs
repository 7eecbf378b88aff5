using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Palisade.Audit;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// The API keys of this deployment: made, looked up, revoked.
/// </summary>
/// <remarks>
/// A secret is <c>pal_</c>, the key's number, <c>_</c> and 256 random bits in base64url. Only its SHA-256 is kept: there is
/// nothing to guess in 256 random bits, so a slow hash would add cost and no safety. All keys are few and are held in
/// memory for less than five seconds, so a revocation acts on every node within five, and a stranger's guesses never
/// reach the store.
/// </remarks>
public sealed class ApiKeys(Store store, AuditLog audit, TimeProvider clock) : IDisposable
{
    public const string SecretPrefix = "pal_";

    /// <summary>Default and longest life of a key.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(90);

    private const int SecretBytes = 32;
    private const int LongestName = 100;

    /// <summary>Below five seconds by a margin for the look-up itself.</summary>
    private static readonly TimeSpan LongestMemory = TimeSpan.FromSeconds(4);

    /// <summary>A number not yet known is looked for again after this, so that a key just made elsewhere works.</summary>
    private static readonly TimeSpan ShortestMemory = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile Snapshot? _snapshot;

    /// <param name="networks">Address ranges as in <c>10.0.0.0/8</c> or <c>2001:db8::/32</c>, or single addresses; none means any.</param>
    /// <param name="life">From now; null means 90 days, which is also the most.</param>
    public async Task<KeyCreation> CreateAsync(
        string name,
        IReadOnlyCollection<string> scopes,
        IReadOnlyCollection<string> networks,
        TimeSpan? life,
        Actor by,
        CancellationToken cancellationToken)
    {
        if (Refuse(name, scopes, life) is { } reason)
        {
            return new KeyCreation.Refused(reason);
        }

        var ranges = new List<IPNetwork>();
        foreach (var text in networks)
        {
            if (!TryParseNetwork(text, out var range))
            {
                return new KeyCreation.Refused(
                    $"'{text}' is no network. Write an address range such as 10.0.0.0/8 or 2001:db8::/32 (the bits after the " +
                    "prefix zero), or one address.");
            }

            ranges.Add(range);
        }

        var random = Base64Url(RandomNumberGenerator.GetBytes(SecretBytes));
        var now = clock.GetUtcNow();
        var created = await store.WriteAsync(
            async transaction =>
            {
                var id = await Sequences.TakeAsync(transaction, "api_key");
                var secret = string.Create(CultureInfo.InvariantCulture, $"{SecretPrefix}{id}_{random}");
                var row = new KeyRow(
                    id, name.Trim(), HashOf(secret), string.Join(' ', scopes.Distinct(StringComparer.Ordinal)),
                    string.Join(' ', ranges), now.ToUnixTimeMilliseconds(),
                    (now + (life ?? LongestLife)).ToUnixTimeMilliseconds(), null);
                await transaction.Connection!.ExecuteAsync(
                    """
                    INSERT INTO api_key (id, name, secret_hash, scopes, networks, created_at, expires_at)
                    VALUES (@Id, @Name, @SecretHash, @Scopes, @Networks, @CreatedAt, @ExpiresAt)
                    """,
                    row,
                    transaction);
                await audit.AppendAsync(
                    transaction, new AuditEntry { Action = "key.created", Actor = by, Subject = SubjectOf(id), Reason = "scopes " + row.Scopes });
                return new KeyCreation.Created(row.ToKey(), secret);
            },
            cancellationToken);
        _snapshot = null;
        return created;
    }

    /// <summary>Says whose a presented secret is and whether it may be used now from this address.</summary>
    public async Task<KeyFinding> FindAsync(string secret, IPAddress? remote, CancellationToken cancellationToken)
    {
        var id = NumberIn(secret);
        var snapshot = await SnapshotAsync(LongestMemory, cancellationToken);
        if (id is not null && !snapshot.Keys.ContainsKey(id.Value))
        {
            snapshot = await SnapshotAsync(ShortestMemory, cancellationToken);
        }

        // An unknown number is compared as well, so that the time tells nothing about which numbers exist.
        var known = snapshot.Keys.GetValueOrDefault(id ?? 0) ?? Snapshot.Nobody;
        if (!CryptographicOperations.FixedTimeEquals(HashOf(secret), known.Hash) || known.Key is not { } key)
        {
            return new KeyFinding.Unknown();
        }

        return key switch
        {
            { RevokedAt: not null } => new KeyFinding.Revoked(key),
            _ when clock.GetUtcNow() >= key.ExpiresAt => new KeyFinding.Expired(key),
            _ when !key.MayBeUsedFrom(remote) => new KeyFinding.WrongNetwork(key),
            _ => new KeyFinding.Valid(key),
        };
    }

    /// <returns>False when there is no such key, or it was revoked before.</returns>
    public async Task<bool> RevokeAsync(long id, Actor by, CancellationToken cancellationToken)
    {
        var revoked = await store.WriteAsync(
            async transaction =>
            {
                var changed = await transaction.Connection!.ExecuteAsync(
                    "UPDATE api_key SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL",
                    new { id, now = clock.GetUtcNow().ToUnixTimeMilliseconds() },
                    transaction);
                if (changed > 0)
                {
                    await audit.AppendAsync(
                        transaction, new AuditEntry { Action = "key.revoked", Actor = by, Subject = SubjectOf(id) });
                }

                return changed > 0;
            },
            cancellationToken);
        _snapshot = null;
        return revoked;
    }

    /// <summary>All keys that ever were, oldest first.</summary>
    public Task<IReadOnlyList<ApiKey>> ListAsync(CancellationToken cancellationToken) => store.ReadAsync<IReadOnlyList<ApiKey>>(
        async connection => [.. (await connection.QueryAsync<KeyRow>(KeyRow.Select)).Select(row => row.ToKey())],
        cancellationToken);

    public void Dispose() => _refreshing.Dispose();

    private static string SubjectOf(long id) => string.Create(CultureInfo.InvariantCulture, $"key/{id}");

    private static string? Refuse(string name, IReadOnlyCollection<string> scopes, TimeSpan? life)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(char.IsControl))
        {
            return $"Give the key a name of 1 to {LongestName} characters that says who uses it.";
        }

        if (scopes.Count == 0 || scopes.FirstOrDefault(scope => !ApiScopes.All.Contains(scope)) is not null)
        {
            return $"A key needs one or more of the scopes {string.Join(", ", ApiScopes.All.Order(StringComparer.Ordinal))}.";
        }

        return life <= TimeSpan.Zero || life > LongestLife
            ? $"A key lives for more than nothing and at most {LongestLife.TotalDays} days. Make the next one before it ends."
            : null;
    }

    private static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (!text.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        // Bits after the prefix are refused and not cut off: 10.1.2.3/8 may well have been meant as /32.
        return IPNetwork.TryParse(text, out network) &&
            IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal)), out var first) &&
            first.Equals(network.BaseAddress);
    }

    private static long? NumberIn(string secret)
    {
        var rest = secret.AsSpan();
        if (!rest.StartsWith(SecretPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        rest = rest[SecretPrefix.Length..];
        var end = rest.IndexOf('_');
        return end > 0 && long.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private async Task<Snapshot> SnapshotAsync(TimeSpan longestMemory, CancellationToken cancellationToken)
    {
        if (_snapshot is { } fresh && clock.GetElapsedTime(fresh.ReadAt) < longestMemory)
        {
            return fresh;
        }

        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            if (_snapshot is { } refreshed && clock.GetElapsedTime(refreshed.ReadAt) < longestMemory)
            {
                return refreshed;
            }

            // The age counts from before the look: what is revoked while we read is as old as that.
            var readAt = clock.GetTimestamp();
            var rows = await store.ReadAsync(connection => connection.QueryAsync<KeyRow>(KeyRow.Select), cancellationToken);
            return _snapshot = new Snapshot(
                readAt, rows.ToDictionary(row => row.Id, row => new KnownKey(row.ToKey(), row.SecretHash)));
        }
        finally
        {
            _refreshing.Release();
        }
    }

    private sealed record KnownKey(ApiKey? Key, byte[] Hash);

    private sealed record Snapshot(long ReadAt, IReadOnlyDictionary<long, KnownKey> Keys)
    {
        public static readonly KnownKey Nobody = new(null, new byte[SHA256.HashSizeInBytes]);
    }

    private sealed record KeyRow(
        long Id, string Name, byte[] SecretHash, string Scopes, string Networks, long CreatedAt, long ExpiresAt, long? RevokedAt)
    {
        public const string Select =
            """
            SELECT id AS Id, name AS Name, secret_hash AS SecretHash, scopes AS Scopes, networks AS Networks,
                   created_at AS CreatedAt, expires_at AS ExpiresAt, revoked_at AS RevokedAt
            FROM api_key ORDER BY id
            """;

        public ApiKey ToKey() => new()
        {
            Id = Id,
            Name = Name,
            Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Networks = [.. Networks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => IPNetwork.Parse(text))],
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(ExpiresAt),
            RevokedAt = RevokedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        };
    }
}
