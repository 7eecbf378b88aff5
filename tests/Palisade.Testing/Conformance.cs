namespace Palisade.Testing;

/// <summary>
/// The folder of published test data, beside the repository or named by <c>PALISADE_CONFORMANCE</c>.
/// </summary>
public static class Conformance
{
    private static readonly string? Root = FindRoot();

    /// <summary>The path of one set's folder; skips the calling test where the data is absent.</summary>
    public static string Folder(string set)
    {
        var folder = Root is null ? null : Path.Combine(Root, set);
        OptionalPart.Require(
            Directory.Exists(folder),
            $"the conformance data '{set}' (beside the repository at ../shared/conformance, or in PALISADE_CONFORMANCE)");
        return folder!;
    }

    private static string? FindRoot()
    {
        if (Environment.GetEnvironmentVariable("PALISADE_CONFORMANCE") is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Palisade.slnx")))
            {
                var beside = Path.Combine(folder.Parent?.FullName ?? folder.FullName, "shared", "conformance");
                return Directory.Exists(beside) ? beside : null;
            }
        }

        return null;
    }
}
