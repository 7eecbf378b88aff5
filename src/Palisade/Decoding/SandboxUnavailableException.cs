namespace Palisade.Decoding;

/// <summary>The decoder cannot be started, or not inside a sandbox. The text says what to change.</summary>
public sealed class SandboxUnavailableException(string message) : Exception(message);
