using System.Globalization;
using System.Text;

namespace Palisade.Audit;

/// <summary>One line of the audit log as it stands for good. Its bytes are the leaf that the tree is made of.</summary>
public sealed record AuditRecord
{
    /// <summary>First line of every leaf; a changed layout gets a new number.</summary>
    public const string LeafVersion = "palisade-audit/v1";

    /// <summary>From 1, without gaps. The leaf's index in the tree is one less.</summary>
    public required long Number { get; init; }

    /// <summary>UTC, to the millisecond.</summary>
    public required DateTimeOffset At { get; init; }

    public required string Action { get; init; }

    /// <summary>Who, as a pseudonym: <c>act_</c> and 32 digits.</summary>
    public required string Actor { get; init; }

    public required string Subject { get; init; }

    public string? Reason { get; init; }

    /// <summary>SHA-256, 32 bytes.</summary>
    public byte[]? Digest { get; init; }

    public long? ResultOf { get; init; }

    /// <summary>
    /// The leaf: nine lines of UTF-8, each ended by a line feed. Described in docs/reference/audit-log.md.
    /// </summary>
    public byte[] ToLeaf() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{LeafVersion}\n{Number}\n{At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\n{Action}\n{Actor}\n{Subject}\n{DigestText}\n{ResultOf}\n{Reason}\n"));

    /// <exception cref="FormatException">The bytes are no leaf of a version that this program knows.</exception>
    public static AuditRecord FromLeaf(ReadOnlySpan<byte> leaf)
    {
        var lines = Encoding.UTF8.GetString(leaf).Split('\n');
        if (lines.Length != 10 || lines[0] != LeafVersion || lines[9].Length > 0)
        {
            throw new FormatException($"This is no leaf of version {LeafVersion}.");
        }

        var record = new AuditRecord
        {
            Number = long.Parse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture),
            At = DateTimeOffset.ParseExact(
                lines[2], "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            Action = lines[3],
            Actor = lines[4],
            Subject = lines[5],
            Digest = lines[6].Length == 0 ? null : Convert.FromHexString(lines[6]),
            ResultOf = lines[7].Length == 0 ? null : long.Parse(lines[7], NumberStyles.None, CultureInfo.InvariantCulture),
            Reason = lines[8].Length == 0 ? null : lines[8],
        };
        return record.ToLeaf().AsSpan().SequenceEqual(leaf)
            ? record
            : throw new FormatException($"This is no leaf of version {LeafVersion} in its one written form.");
    }

    private string DigestText => Digest is null ? "" : Convert.ToHexStringLower(Digest);

    /// <summary>A reason on one line: a leaf has no room for a second. Null and nothing are the same.</summary>
    internal static string? OneLine(string? reason)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            return null;
        }

        var line = string.Concat(reason.Trim().Select(c => char.IsControl(c) ? ' ' : c));

        // Half a surrogate pair has no UTF-8, so it is made the replacement character here and not differently later.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(line));
    }
}
