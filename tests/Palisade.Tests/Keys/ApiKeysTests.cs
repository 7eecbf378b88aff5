using System.Net;
using System.Text;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Palisade.Audit;
using Palisade.Keys;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Keys;

public sealed class ApiKeysTests
{
    private static readonly Actor By = Actor.CommandLine("tester");

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory, StoreEngines]
    public async Task A_key_is_valid_with_its_secret_only(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var keys = await OpenAsync(test, test.Store);
        var (key, secret) = await CreateAsync(keys);

        var valid = await keys.FindAsync(secret, null, default);
        string[] wrong = [secret[..^1], secret + "A", "pal_1_", "", secret.Replace("pal_", "", StringComparison.Ordinal), Changed(secret)];

        Assert.Equivalent(new KeyFinding.Valid(key), valid);
        foreach (var attempt in wrong)
        {
            Assert.IsType<KeyFinding.Unknown>(await keys.FindAsync(attempt, null, default));
        }
    }

    [Theory, StoreEngines]
    public async Task A_secret_holds_256_random_bits_and_is_not_in_the_store(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var keys = await OpenAsync(test, test.Store);
        var (_, secret) = await CreateAsync(keys);
        var random = secret.Split('_', 3)[2];

        var stored = await test.Store.ReadAsync(
            connection => connection.QuerySingleAsync<byte[]>("SELECT secret_hash FROM api_key"), default);

        Assert.Equal(32, System.Buffers.Text.Base64Url.DecodeFromChars(random).Length);
        Assert.Equal(32, stored.Length);
        Assert.DoesNotContain(random, Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    [Theory, StoreEngines]
    public async Task A_key_ends_after_90_days_and_never_later(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var keys = await OpenAsync(test, test.Store);
        var (key, secret) = await CreateAsync(keys);

        var tooLong = await keys.CreateAsync("gate", [ApiScopes.Scan], [], TimeSpan.FromDays(91), By, default);
        _clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        var before = await keys.FindAsync(secret, null, default);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var after = await keys.FindAsync(secret, null, default);

        Assert.Equal(TimeSpan.FromDays(90), key.ExpiresAt - key.CreatedAt);
        Assert.IsType<KeyCreation.Refused>(tooLong);
        Assert.IsType<KeyFinding.Valid>(before);
        Assert.IsType<KeyFinding.Expired>(after);
    }

    [Theory, StoreEngines]
    public async Task A_revocation_acts_on_another_node_within_five_seconds(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var here = await OpenAsync(test, test.Store);
        using var there = await OpenAsync(test, await test.OpenAnotherAsync());
        var (key, secret) = await CreateAsync(here);
        var before = await there.FindAsync(secret, null, default);

        var first = await here.RevokeAsync(key.Id, By, default);
        var again = await here.RevokeAsync(key.Id, By, default);
        var atOnceHere = await here.FindAsync(secret, null, default);
        _clock.Advance(TimeSpan.FromSeconds(5));
        var laterThere = await there.FindAsync(secret, null, default);

        Assert.IsType<KeyFinding.Valid>(before);
        Assert.Equal((true, false), (first, again));
        Assert.IsType<KeyFinding.Revoked>(atOnceHere);
        Assert.IsType<KeyFinding.Revoked>(laterThere);
    }

    [Theory, StoreEngines]
    public async Task A_key_made_by_the_command_line_works_at_a_running_server(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var server = await OpenAsync(test, test.Store);
        using var commandLine = await OpenAsync(test, await test.OpenAnotherAsync());
        await server.FindAsync("pal_9_x", null, default);

        var (_, secret) = await CreateAsync(commandLine);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<KeyFinding.Valid>(await server.FindAsync(secret, null, default));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("10.2.0.1", false)]
    [InlineData("2001:db8:7::1", true)]
    [InlineData("2001:db9::1", false)]
    [InlineData("192.0.2.7", true)]
    [InlineData("192.0.2.8", false)]
    [InlineData(null, false)]
    public async Task A_key_is_used_only_from_its_networks(string? address, bool isAllowed)
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite, _clock);
        using var keys = await OpenAsync(test, test.Store);
        var (_, secret) = await CreateAsync(keys, "10.1.0.0/16", "2001:db8::/32", "192.0.2.7");

        var finding = await keys.FindAsync(secret, address is null ? null : IPAddress.Parse(address), default);

        Assert.Equal(isAllowed, finding is KeyFinding.Valid);
        Assert.Equal(!isAllowed, finding is KeyFinding.WrongNetwork);
    }

    [Theory]
    [InlineData("scan everything", "")]
    [InlineData("", "")]
    [InlineData("scan", "10.0.0.1/8")]
    [InlineData("scan", "everywhere")]
    public async Task A_wish_that_makes_no_sense_is_refused_with_a_reason(string scopes, string network)
    {
        await using var test = await TestStore.CreateAsync(TestEngine.Sqlite, _clock);
        using var keys = await OpenAsync(test, test.Store);

        var answer = await keys.CreateAsync(
            "gate", scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), network.Length == 0 ? [] : [network], null, By, default);

        Assert.NotEmpty(Assert.IsType<KeyCreation.Refused>(answer).Reason);
        Assert.Empty(await keys.ListAsync(default));
    }

    [Theory, StoreEngines]
    public async Task A_list_of_keys_shows_no_secret(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var keys = await OpenAsync(test, test.Store);
        var created = (KeyCreation.Created)await keys.CreateAsync("gate", [ApiScopes.Scan], [], null, By, default);

        var listed = Assert.Single(await keys.ListAsync(default));

        Assert.Equal("gate", listed.Name);
        Assert.DoesNotContain(created.Secret.Split('_', 3)[2], listed + " " + created, StringComparison.Ordinal);
    }

    [Theory, StoreEngines]
    public async Task Making_and_revoking_a_key_is_on_the_audit_log_without_its_secret(TestEngine engine)
    {
        await using var test = await TestStore.CreateAsync(engine, _clock);
        using var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, test.Store, default);
        var audit = new AuditLog(test.Store, bankKey, _clock);
        using var keys = new ApiKeys(test.Store, audit, _clock);
        var (key, secret) = await CreateAsync(keys);
        await keys.RevokeAsync(key.Id, By, default);
        await keys.RevokeAsync(key.Id, By, default);

        var entries = await audit.ListAsync(new AuditFilter { Subject = $"key/{key.Id}" }, 10, default);

        Assert.Equal(["key.created", "key.revoked"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal(audit.Actors.PseudonymOf(By), entry.Actor));
        Assert.All(entries, entry => Assert.DoesNotContain(secret.Split('_', 3)[2], entry.ToString(), StringComparison.Ordinal));
    }

    private async Task<ApiKeys> OpenAsync(TestStore test, Store store)
    {
        using var bankKey = await BankKey.OpenOrCreateAsync(test.Folder, store, default);
        return new ApiKeys(store, new AuditLog(store, bankKey, _clock), _clock);
    }

    private static async Task<(ApiKey Key, string Secret)> CreateAsync(ApiKeys keys, params string[] networks)
    {
        var created = (KeyCreation.Created)await keys.CreateAsync(
            "upload gate", [ApiScopes.Scan, ApiScopes.MatchDetail], networks, null, By, default);
        return (created.Key, created.Secret);
    }

    private static string Changed(string secret) => secret[..^5] + (secret[^5] == 'A' ? 'B' : 'A') + secret[^4..];
}
