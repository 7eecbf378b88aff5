using System.Globalization;

namespace Palisade.Audit;

/// <summary>An entry of the log is not what it was, or not there.</summary>
/// <param name="number">The first entry that is wrong.</param>
/// <param name="what">What is wrong with it, as the rest of a sentence.</param>
public sealed class DamagedAuditException(long number, string what) : Exception(string.Create(
    CultureInfo.InvariantCulture,
    $"Entry {number} of the audit log {what}. `palisade audit verify` lists what is wrong; restore the store or the log's folder from a backup."))
{
    public long Number => number;
}
