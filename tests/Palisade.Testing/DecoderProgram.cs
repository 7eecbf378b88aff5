namespace Palisade.Testing;

/// <summary>The decoder program as it was built beside the tests, in the same configuration.</summary>
public static class DecoderProgram
{
    /// <summary>artifacts/bin/Palisade.Decoder/(configuration), seen from artifacts/bin/(tests)/(configuration).</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Palisade.Decoder", new DirectoryInfo(AppContext.BaseDirectory).Name));
}
