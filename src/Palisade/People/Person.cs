using Palisade.Audit;

namespace Palisade.People;

/// <summary>Somebody who is signed in, as every room of the console is told.</summary>
public sealed record Person
{
    public required AccountId Id { get; init; }

    /// <summary>As colleagues call them. Never in the log or on a picture.</summary>
    public required string Name { get; init; }

    /// <summary>The pseudonym that the log and the marks on pictures hold, such as <c>r-0417</c>.</summary>
    public required string Code { get; init; }

    public required IReadOnlyCollection<Role> Roles { get; init; }

    /// <summary>
    /// Signed in by a passkey, or by an issuer who vouches for a sign-in that cannot be phished. Without it: facts and
    /// outlines only, and no release and no keys.
    /// </summary>
    public required bool IsStrong { get; init; }

    public Actor Actor => Actor.Person(Code);

    public bool Is(Role role) => Roles.Contains(role);
}
