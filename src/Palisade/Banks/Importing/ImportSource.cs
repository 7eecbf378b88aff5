namespace Palisade.Banks.Importing;

/// <summary>
/// A list of hashes as a file: read twice (once to survey it, once to stage it) and again after a crash, so not a stream.
/// </summary>
/// <param name="Path">Where it lies. What arrives from a network is written to a file first.</param>
/// <param name="Name">How it is called in records, without folders.</param>
public sealed record ImportSource(string Path, string Name)
{
    public static ImportSource FromFile(string path) => new(path, System.IO.Path.GetFileName(path));

    internal FileStream Open() => new(
        Path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, BufferSize = 0 });
}
