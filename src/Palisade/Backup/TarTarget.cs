using System.Formats.Tar;
using System.Security.Cryptography;
using Palisade.Evidence;

namespace Palisade.Backup;

/// <summary>One archive that holds one whole backup, laid out as a folder of one would be.</summary>
internal sealed class TarTarget : BackupTarget
{
    private readonly string _partial;
    private readonly FileStream _file;
    private readonly TarWriter _tar;
    private bool _isComplete;

    public TarTarget(string path)
    {
        Place = Path.GetFullPath(path);
        if (File.Exists(Place))
        {
            throw new IOException($"{Place} exists. A backup never overwrites one; name another file.");
        }

        _partial = Place + FolderTarget.PartialSuffix;
        _file = DigestedCopy.Create(_partial);
        _tar = new TarWriter(_file, TarEntryFormat.Pax, leaveOpen: true);
    }

    public override string Place { get; }

    public override string ScratchFile => _partial + ".store";

    public override async Task<BackupFile> AddAsync(string path, string source, CancellationToken cancellationToken)
    {
        var (bytes, sha256) = await WriteAsync(Folder + path, source, cancellationToken);
        return new BackupFile(path, bytes, Convert.ToHexStringLower(sha256), IsShared: false);
    }

    public override async Task<BackupFile> AddAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var (bytes, sha256) = await WriteAsync(Folder + path, new MemoryStream(content), cancellationToken);
        return new BackupFile(path, bytes, Convert.ToHexStringLower(sha256), IsShared: false);
    }

    public override async Task<(BackupFile File, bool IsNew)> AddSharedAsync(string path, string source, CancellationToken cancellationToken)
    {
        var (bytes, sha256) = await WriteAsync($"{SharedFolder}/{path}", source, cancellationToken);
        return (new BackupFile(path, bytes, Convert.ToHexStringLower(sha256), IsShared: true), true);
    }

    public override async Task<bool> AddEvidenceAsync(string name, string source, byte[] sha256, CancellationToken cancellationToken)
    {
        var (_, copied) = await WriteAsync($"{SharedFolder}/{EvidenceVault.FolderName}/{name}", source, cancellationToken);
        return copied.AsSpan().SequenceEqual(sha256)
            ? true
            : throw new IOException($"The sealed file {name} is damaged in the data folder, so it was not backed up. Run `palisade verify`.");
    }

    public override async Task CompleteAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        await WriteAsync(FolderTarget.Marker, new MemoryStream("palisade-backup/1\n"u8.ToArray()), cancellationToken);
        await WriteAsync(Folder + BackupManifest.FileName, new MemoryStream(manifest.ToBytes()), cancellationToken);
        await _tar.DisposeAsync();
        _file.Flush(flushToDisk: true);
        await _file.DisposeAsync();
        File.Move(_partial, Place, overwrite: false);
        Storage.StorageFolder.Synchronise(Path.GetDirectoryName(Place)!);
        _isComplete = true;
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isComplete)
        {
            await _file.DisposeAsync();
            File.Delete(_partial);
        }

        File.Delete(ScratchFile);
    }

    private const string Folder = "backup/";

    private async Task<(long Bytes, byte[] Sha256)> WriteAsync(string name, string source, CancellationToken cancellationToken)
    {
        await using var file = DigestedCopy.OpenRead(source);
        return await WriteAsync(name, file, cancellationToken);
    }

    private async Task<(long Bytes, byte[] Sha256)> WriteAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        await using var digesting = new DigestingReader(content);
        var entry = new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = digesting, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await _tar.WriteEntryAsync(entry, cancellationToken);
        return (content.Length, digesting.Digest());
    }

    /// <summary>Digests what is read through it: the archive's writer pulls the bytes by itself.</summary>
    private sealed class DigestingReader(Stream source) : Stream
    {
        private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => source.Length;

        public override long Position { get => source.Position; set => source.Position = value; }

        public byte[] Digest() => _digest.GetHashAndReset();

        public override int Read(byte[] buffer, int offset, int count) => Taken(buffer.AsSpan(offset, source.Read(buffer, offset, count)));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var length = await source.ReadAsync(buffer, cancellationToken);
            return Taken(buffer.Span[..length]);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => source.Seek(offset, origin);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _digest.Dispose();
            base.Dispose(disposing);
        }

        private int Taken(ReadOnlySpan<byte> bytes)
        {
            _digest.AppendData(bytes);
            return bytes.Length;
        }
    }
}
