namespace Palisade.Client;

/// <summary>Talks to a Palisade service on behalf of a platform.</summary>
public sealed class PalisadeClient;
