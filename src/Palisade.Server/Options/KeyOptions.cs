namespace Palisade.Server.Options;

/// <summary>How the service comes by the operator's key.</summary>
public sealed record KeyOptions
{
    /// <summary>
    /// A shell command whose output opens the operator's key when the service starts, such as a key service's client. Without
    /// it the service starts sealed. Each use is on the audit log.
    /// </summary>
    public string? UnsealWith { get; init; }
}
