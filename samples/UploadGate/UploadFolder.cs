using System.Globalization;
using System.Security.Cryptography;

namespace UploadGate;

/// <summary>Where an upload stands. The folder that its file lies in is the whole truth about it.</summary>
public enum Standing
{
    /// <summary>Received; no verdict yet.</summary>
    Waiting,

    /// <summary>Held or blocked.</summary>
    Kept,

    /// <summary>Allowed, to be published at the next turn of the clock.</summary>
    Cleared,
    Published,
}

/// <summary>
/// The uploads on disk: one file each, named by its id, in one folder for each <see cref="Standing"/>. Moving a file is
/// one step that happens or does not, so a crash leaves every upload in exactly one standing.
/// </summary>
public sealed class UploadFolder
{
    private readonly string _root;
    private readonly string _arriving;
    private readonly Lock _moving = new();

    public UploadFolder(string root)
    {
        _root = Path.GetFullPath(root);
        _arriving = Path.Combine(_root, "arriving");

        // What arrived in part before a crash was never answered, so nobody relies on it.
        if (Directory.Exists(_arriving))
        {
            Directory.Delete(_arriving, recursive: true);
        }

        Directory.CreateDirectory(_arriving);
        foreach (var standing in Enum.GetValues<Standing>())
        {
            Directory.CreateDirectory(FolderOf(standing));
        }
    }

    public static string NewId() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Only ids of our own making become paths.</summary>
    public static bool IsId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    public string PathWhileArriving(string id) => Path.Combine(_arriving, id);

    public string PathOf(string id, Standing standing) => Path.Combine(FolderOf(standing), id);

    public void Arrived(string id) => File.Move(PathWhileArriving(id), PathOf(id, Standing.Waiting));

    public Standing? Find(string id)
    {
        foreach (var standing in Enum.GetValues<Standing>())
        {
            if (File.Exists(PathOf(id, standing)))
            {
                return standing;
            }
        }

        return null;
    }

    public IEnumerable<string> All(Standing standing) =>
        Directory.EnumerateFiles(FolderOf(standing)).Select(file => Path.GetFileName(file));

    /// <summary>Moves an upload, if that is where it stands.</summary>
    public bool TryMove(string id, Standing from, Standing to)
    {
        lock (_moving)
        {
            if (!File.Exists(PathOf(id, from)))
            {
                return false;
            }

            File.Move(PathOf(id, from), PathOf(id, to));
            return true;
        }
    }

    /// <summary>The last change of the verdict feed that was acted upon.</summary>
    public long ReadFeedPosition() =>
        File.Exists(FeedPositionFile)
            ? long.Parse(File.ReadAllText(FeedPositionFile), CultureInfo.InvariantCulture)
            : 0;

    public void WriteFeedPosition(long sequence)
    {
        File.WriteAllText(FeedPositionFile + ".new", sequence.ToString(CultureInfo.InvariantCulture));
        File.Move(FeedPositionFile + ".new", FeedPositionFile, overwrite: true);
    }

    private string FeedPositionFile => Path.Combine(_root, "feed-position");

    private string FolderOf(Standing standing) => Path.Combine(_root, standing.ToString().ToLowerInvariant());
}
