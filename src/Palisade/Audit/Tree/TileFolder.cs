using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Palisade.Storage;

namespace Palisade.Audit.Tree;

/// <summary>The tiles, entry bundles and the checkpoint of one log as files.</summary>
/// <remarks>
/// A file is written beside, synchronised and renamed, so that under its name it is whole or not there; the folders are
/// synchronised by <see cref="Synchronise"/>, which comes before anything is signed.
/// </remarks>
public sealed class TileFolder(string folder)
{
    public const string CheckpointName = "checkpoint";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>posix_fadvise: these pages will not be needed, so that the next read comes from the disk.</summary>
    private const int DoNotNeed = 4;

    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    public string Folder => folder;

    public string PathOf(TilePath tile) => Path.Combine(folder, tile.ToString());

    /// <summary>The hashes of a tile; a partial one that is gone is read from the wider or full one that took its place.</summary>
    /// <exception cref="FileNotFoundException">There is no such tile.</exception>
    public TreeHash[] ReadHashes(int level, long index, int width)
    {
        var bytes = Read(new TilePath(level, index, width));
        if (bytes.Length < width * TreeHash.SizeBytes || bytes.Length % TreeHash.SizeBytes != 0)
        {
            throw new InvalidDataException($"The tile {new TilePath(level, index, width)} is cut short.");
        }

        var hashes = new TreeHash[width];
        for (var i = 0; i < width; i++)
        {
            hashes[i] = new TreeHash(bytes.AsSpan(i * TreeHash.SizeBytes, TreeHash.SizeBytes));
        }

        return hashes;
    }

    /// <summary>The leaves of a bundle.</summary>
    public IReadOnlyList<byte[]> ReadEntries(long index, int width)
    {
        var bytes = Read(new TilePath(null, index, width)).AsSpan();
        var leaves = new List<byte[]>(width);
        while (leaves.Count < width)
        {
            if (bytes.Length < 2 || bytes.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(bytes))
            {
                throw new InvalidDataException($"The bundle {new TilePath(null, index, width)} is cut short.");
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            leaves.Add(bytes.Slice(2, length).ToArray());
            bytes = bytes[(2 + length)..];
        }

        return leaves;
    }

    public void WriteHashes(int level, long index, TreeHash[] hashes)
    {
        var bytes = new byte[hashes.Length * TreeHash.SizeBytes];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(bytes.AsSpan(i * TreeHash.SizeBytes));
        }

        Write(new TilePath(level, index, hashes.Length), bytes);
    }

    /// <summary>Each leaf after its length in two bytes, most significant first.</summary>
    public void WriteEntries(long index, IReadOnlyList<byte[]> leaves)
    {
        var bytes = new byte[leaves.Sum(leaf => 2 + leaf.Length)];
        var rest = bytes.AsSpan();
        foreach (var leaf in leaves)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)leaf.Length));
            leaf.CopyTo(rest[2..]);
            rest = rest[(2 + leaf.Length)..];
        }

        Write(new TilePath(null, index, leaves.Count), bytes);
    }

    public string? ReadCheckpoint()
    {
        var path = Path.Combine(folder, CheckpointName);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    public void WriteCheckpoint(string note)
    {
        WriteFile(Path.Combine(folder, CheckpointName), System.Text.Encoding.UTF8.GetBytes(note));
        Synchronise();
    }

    /// <summary>Removes the partial tiles that a full one has taken the place of.</summary>
    public void DropPartial(int? level, long index)
    {
        var partial = PathOf(new TilePath(level, index, TilePath.FullWidth)) + ".p";
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
        }
    }

    /// <summary>Makes sure that the names of all files written since the last time survive a power cut.</summary>
    public void Synchronise()
    {
        foreach (var changed in _changed)
        {
            StorageFolder.Synchronise(changed);
        }

        _changed.Clear();
    }

    private byte[] Read(TilePath tile)
    {
        var path = PathOf(tile);
        if (tile.IsFull || File.Exists(path))
        {
            return File.ReadAllBytes(path);
        }

        // A wider tile begins with the same hashes. The full one first: only until it is there do partial ones stay.
        var full = PathOf(tile with { Width = TilePath.FullWidth });
        if (!File.Exists(full) && Directory.Exists(full + ".p"))
        {
            path = Directory.EnumerateFiles(full + ".p")
                .Where(file => int.TryParse(Path.GetFileName(file), NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > tile.Width)
                .FirstOrDefault(path);
            return File.ReadAllBytes(path);
        }

        return File.ReadAllBytes(full);
    }

    private void Write(TilePath tile, byte[] bytes)
    {
        var path = PathOf(tile);
        MakeFolder(Path.GetDirectoryName(path)!);
        WriteFile(path, bytes);
    }

    /// <summary>A new folder's name stands in its parent, so that one is synchronised too.</summary>
    private void MakeFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (path.Length > folder.Length)
        {
            MakeFolder(Path.GetDirectoryName(path)!);
        }

        StorageFolder.Create(path);
        _changed.Add(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private void WriteFile(string path, byte[] bytes)
    {
        MakeFolder(folder);
        var beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
            if (OperatingSystem.IsLinux())
            {
                _ = Advise(file.SafeFileHandle, 0, 0, DoNotNeed);
            }
        }

        File.Move(beside, path, overwrite: true);
        _changed.Add(Path.GetDirectoryName(path)!);
    }

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(SafeHandle descriptor, long offset, long length, int advice);
}
