namespace Palisade.Client;

/// <summary>
/// One address that took part, and when. Kept only of an upload that gets a case, and then sealed; a later report needs it.
/// </summary>
/// <param name="Event"><c>upload</c>, <c>login</c>, <c>registration</c>: lower-case letters, digits and hyphens.</param>
/// <param name="Address">An IP address in numbers.</param>
public sealed record NetworkFact(string Event, string Address, int? Port = null, DateTimeOffset? At = null);

/// <summary>A piece of context. Kept as <see cref="NetworkFact"/> is.</summary>
/// <param name="Kind"><c>message</c>, <c>prompt</c>, <c>profile</c>, <c>url</c>.</param>
/// <param name="Text">As it was.</param>
public sealed record ContextItem(string Kind, string Text, DateTimeOffset? At = null);
