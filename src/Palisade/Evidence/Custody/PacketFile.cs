using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Palisade.Evidence.Custody;

/// <summary>One line of a packet's manifest.</summary>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record PacketEntry(string Path, long Size, string Sha256);

/// <summary>What a packet is and what is in it.</summary>
public sealed record PacketManifest
{
    public const string FileName = "manifest.json";

    public const string CurrentFormat = "palisade-custody/1";

    internal static readonly JsonSerializerOptions Layout = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Format { get; init; }

    /// <summary>Text of the case's id.</summary>
    public required string Case { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>As the release statement says it.</summary>
    public required string To { get; init; }

    /// <summary>Number of the log entry that announced the release.</summary>
    public required long LogEntry { get; init; }

    /// <summary>One person alone asked and approved, a day apart.</summary>
    public required bool SoleOperator { get; init; }

    public required IReadOnlyList<PacketEntry> Files { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Layout);
}

/// <summary>Writes the files of a packet into one zip archive, and keeps account of each.</summary>
internal sealed class PacketFile(Stream destination, DateTimeOffset now) : IDisposable
{
    private readonly ZipArchive _zip = new(destination, ZipArchiveMode.Create, leaveOpen: true);
    private readonly List<PacketEntry> _files = [];

    public IReadOnlyList<PacketEntry> Files => _files;

    public Task AddAsync(string path, byte[] content) => AddAsync(path, stream => stream.WriteAsync(content).AsTask());

    /// <summary>Adds a file of whatever size; what is encrypted does not get smaller, so it is not compressed.</summary>
    public async Task AddAsync(string path, Func<Stream, Task> write)
    {
        var isText = path.EndsWith(".json", StringComparison.Ordinal) || path.EndsWith(".html", StringComparison.Ordinal);
        var entry = _zip.CreateEntry(path, isText ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
        entry.LastWriteTime = now;
        await using var stream = await entry.OpenAsync();
        await using var accounting = new Accounting(stream);
        await write(accounting);
        _files.Add(new PacketEntry(path, accounting.Position, Convert.ToHexStringLower(accounting.Digest())));
    }

    public void Dispose() => _zip.Dispose();

    /// <summary>Counts and digests what passes.</summary>
    private sealed class Accounting(Stream inner) : Stream
    {
        private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _bytes;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _bytes;

        public override long Position { get => _bytes; set => throw new NotSupportedException(); }

        public byte[] Digest() => _digest.GetHashAndReset();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _digest.AppendData(buffer);
            _bytes += buffer.Length;
            inner.Write(buffer);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _digest.AppendData(buffer.Span);
            _bytes += buffer.Length;
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _digest.Dispose();
            base.Dispose(disposing);
        }
    }
}
