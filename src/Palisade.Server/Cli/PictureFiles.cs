namespace Palisade.Server.Cli;

/// <summary>
/// One file that a verb has to say something about, whatever its state.
/// </summary>
/// <param name="Path">The path as given; for an entry of a folder, the folder as given joined to it.</param>
/// <param name="Refusal">Why it is not opened at all; null when it is.</param>
internal readonly record struct PictureFile(string Path, string? Refusal = null)
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    public bool IsStandardInput => Path == StandardInput;
}

/// <summary>Finds the files that paths name: each path in the order given, a folder's entries in ordinal order.</summary>
internal static class PictureFiles
{
    public static List<PictureFile> Find(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var found = new List<PictureFile>();
        foreach (var path in paths)
        {
            if (path == PictureFile.StandardInput)
            {
                found.Add(new PictureFile(path));
                continue;
            }

            // What somebody names is followed, even through a link.
            Add(path, FileKinds.OfTarget(path), found, cancellationToken);
        }

        return found;
    }

    private static void Add(string path, FileKind kind, List<PictureFile> found, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case FileKind.Folder:
                AddFolder(path, found, cancellationToken);
                break;
            case FileKind.Link:
                found.Add(new PictureFile(path, "link"));
                break;
            case FileKind.Special:
                found.Add(new PictureFile(path, "not-a-file"));
                break;
            default:
                found.Add(new PictureFile(path));
                break;
        }
    }

    private static void AddFolder(string folder, List<PictureFile> found, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string[] entries;
        try
        {
            entries = Directory.GetFileSystemEntries(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            found.Add(new PictureFile(folder, "folder-unreadable"));
            return;
        }

        Array.Sort(entries, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            Add(entry, FileKinds.OfEntry(entry), found, cancellationToken);
        }
    }
}
