using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Palisade.Storage;

/// <summary>One numbered change of the tables, <c>NNNN_words.sql</c>, as it lies in the assembly.</summary>
internal sealed record Migration(long Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with \n line ends, so that a check-out's line ends do not matter.</summary>
    public string Checksum => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    public static IReadOnlyList<Migration> ReadEmbedded()
    {
        var assembly = typeof(Migration).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(IsMigration)
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Number)];
    }

    private static bool IsMigration(string resource) =>
        resource.EndsWith(".sql", StringComparison.Ordinal) && resource.Length > 5 && resource[4] == '_' &&
        resource.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0;

    private static Migration Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return new Migration(
            long.Parse(resource.AsSpan(0, 4), CultureInfo.InvariantCulture),
            Path.GetFileNameWithoutExtension(resource),
            reader.ReadToEnd());
    }
}
