namespace Palisade.Audit;

/// <summary>The audit log took no entry. What was to be done was not done.</summary>
public sealed class AuditUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
