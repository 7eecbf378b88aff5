using System.Globalization;
using Palisade.Keys;

namespace Palisade.Server.Api;

/// <summary><c>/v1/keys</c>: API keys are made, listed and revoked. A secret is shown once, when it is made.</summary>
internal static class KeyRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/keys", ListAsync).Needs(ApiScopes.KeysWrite).WithTags("Keys")
            .WithSummary("All keys, without their secrets").Produces<KeyList>();
        routes.MapPost("/v1/keys", CreateAsync).Needs(ApiScopes.KeysWrite).WithTags("Keys")
            .WithSummary("Create a key; its secret is shown this once").Accepts<NewKeyCall>("application/json").Produces<NewKeyAnswer>(201);
        routes.MapDelete("/v1/keys/{id}", RevokeAsync).Needs(ApiScopes.KeysWrite).WithTags("Keys")
            .WithSummary("Revoke a key; it acts on every node within five seconds").Produces(204);
    }

    private static async Task<IResult> ListAsync(ApiKeys keys, CancellationToken cancellationToken) =>
        Results.Ok(new KeyList([.. (await keys.ListAsync(cancellationToken)).Select(KeyAnswer.Of)]));

    private static async Task<IResult> CreateAsync(
        HttpContext context, ApiKeys keys, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (call, refusal) = await ApiJson.ReadAsync<NewKeyCall>(context.Request, cancellationToken);
        if (call is null)
        {
            return refusal!;
        }

        // Nobody hands on more than they have.
        if (!call.Scopes.All(Caller.Of(context).Key.Has))
        {
            return call.Scopes.All(ApiScopes.All.Contains) ? Problem.ScopeMissing : Problem.ApiKeyNotValid;
        }

        var life = call.ExpiresAt - clock.GetUtcNow();
        return await keys.CreateAsync(call.Name, call.Scopes, call.Networks, life, Caller.Of(context).Actor, cancellationToken) is KeyCreation.Created created
            ? Results.Created($"/v1/keys/{created.Key.Id}", new NewKeyAnswer(created.Secret, KeyAnswer.Of(created.Key)))
            : Problem.ApiKeyNotValid;
    }

    private static async Task<IResult> RevokeAsync(string id, HttpContext context, ApiKeys keys, CancellationToken cancellationToken) =>
        long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) &&
        await keys.RevokeAsync(number, Caller.Of(context).Actor, cancellationToken)
            ? Results.NoContent()
            : Problem.ApiKeyUnknown;
}

internal sealed record NewKeyCall
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Address ranges such as 10.0.0.0/8; none means any.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Within 90 days; 90 days when left out.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <param name="Secret">Shown this once; only its hash is kept.</param>
internal sealed record NewKeyAnswer(string Secret, KeyAnswer Key);

internal sealed record KeyList(IReadOnlyList<KeyAnswer> Keys);

internal sealed record KeyAnswer(
    string Id,
    string Name,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Networks,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt)
{
    internal static KeyAnswer Of(ApiKey key) => new(
        key.Id.ToString(CultureInfo.InvariantCulture), key.Name, key.Scopes,
        [.. key.Networks.Select(network => network.ToString())], key.CreatedAt, key.ExpiresAt, key.RevokedAt);
}
