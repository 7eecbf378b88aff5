using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Palisade.Signals.Digests;
using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>Where in the change log a state of the banks stands.</summary>
/// <param name="Sequence">The last change that is in it.</param>
/// <param name="Mark">What that change was, so that a log with another history is told from this one: SHA-256.</param>
internal sealed record LogPlace(long Sequence, byte[] Mark)
{
    /// <summary>The log's own place with this number; null where it has none.</summary>
    public static async Task<LogPlace?> AtAsync(DbConnection connection, long sequence)
    {
        if (sequence == 0)
        {
            return new LogPlace(0, new byte[SHA256.HashSizeInBytes]);
        }

        if (await BankChangeLog.AfterAsync(connection, sequence - 1, limit: 1) is not [var change] || change.Sequence != sequence)
        {
            return null;
        }

        var text = FormattableString.Invariant(
            $"{change.Sequence}|{change.Kind}|{change.Bank.Number}|{change.Signal?.Number}|{change.Import}|{change.At.ToUnixTimeMilliseconds()}|{change.By}");
        return new LogPlace(sequence, SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}

/// <summary>
/// A file with every active signal as the store had it at one place of the change log, so that a start reads and opens one
/// file instead of a million rows.
/// </summary>
/// <remarks>
/// A head of 40 bytes (eight letters, a salt of 32), then chunks: length (4 bytes, the highest bit set on the last), and so
/// many bytes under AES-256-GCM with its tag. The first chunk is the place in the log, the others are up to 16,384 signals of
/// 60 bytes. The key is derived from the bank key and the salt (HKDF-SHA-256), so that no nonce is used twice; the nonce is
/// the chunk's number and whether it is the last, so that chunks cannot be left out, moved or cut off. Written beside,
/// flushed to the disk and renamed: a crash leaves the old file or none.
/// </remarks>
internal static class IndexSnapshot
{
    public const string FileName = "index.snapshot";

    private const int SaltBytes = 32;
    private const int TagBytes = 16;
    private const int SignalBytes = 60;
    private const int ChunkSignals = 16_384;
    private const int MaxChunkBytes = ChunkSignals * SignalBytes;
    private const uint LastChunk = 1u << 31;
    private const sbyte Absent = -1;

    private static ReadOnlySpan<byte> Letters => "PALSIG01"u8;

    /// <summary>Writes a snapshot while its signals pass by; <see cref="Finish"/> puts it in its place.</summary>
    /// <remarks>A disk that is full must not keep the banks from being loaded: what fails here fails without a word to the loader.</remarks>
    public sealed class Writer : IDisposable
    {
        private readonly string _path;
        private readonly string _beside;
        private readonly FileStream _file;
        private readonly Cipher _cipher;
        private readonly byte[] _chunk = new byte[MaxChunkBytes + TagBytes];
        private int _length;
        private bool _isFinished;

        /// <exception cref="IOException">The file cannot be written.</exception>
        public Writer(string path, ReadOnlySpan<byte> key, LogPlace place)
        {
            _path = path;
            _beside = path + ".new";
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,

                // Another process that writes one meanwhile is told that it cannot.
                Share = FileShare.None,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            _file = new FileStream(_beside, options);
            var head = new byte[Letters.Length + SaltBytes];
            Letters.CopyTo(head);
            RandomNumberGenerator.Fill(head.AsSpan(Letters.Length));
            _file.Write(head);
            _cipher = new Cipher(key, head);
            BinaryPrimitives.WriteInt64LittleEndian(_chunk, place.Sequence);
            place.Mark.CopyTo(_chunk, sizeof(long));
            _length = sizeof(long) + place.Mark.Length;
            Flush(isLast: false);
        }

        /// <summary>Why there will be no snapshot, or null.</summary>
        public IOException? Problem { get; private set; }

        public void Add(in ActiveSignal signal)
        {
            if (_length == MaxChunkBytes)
            {
                Flush(isLast: false);
            }

            Write(signal, _chunk.AsSpan(_length, SignalBytes));
            _length += SignalBytes;
        }

        public void Finish()
        {
            Flush(isLast: true);
            Try(() =>
            {
                _file.Flush(flushToDisk: true);
                File.Move(_beside, _path, overwrite: true);
                _isFinished = true;
            });
        }

        public void Dispose()
        {
            _cipher.Dispose();
            _file.Dispose();
            CryptographicOperations.ZeroMemory(_chunk);
            if (!_isFinished)
            {
                File.Delete(_beside);
            }
        }

        private void Flush(bool isLast)
        {
            var length = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)_length | (isLast ? LastChunk : 0));
            _cipher.Seal(_chunk.AsSpan(0, _length + TagBytes), isLast);
            Try(() =>
            {
                _file.Write(length);
                _file.Write(_chunk, 0, _length + TagBytes);
            });
            _length = 0;
        }

        private void Try(Action act)
        {
            try
            {
                if (Problem is null)
                {
                    act();
                }
            }
            catch (IOException problem)
            {
                Problem = problem;
            }
        }
    }

    /// <summary>Reads a snapshot: its place first, and then its signals in the order of their numbers.</summary>
    /// <remarks>Nothing of it counts before the last signal has been read without an exception.</remarks>
    public sealed class Reader : IDisposable
    {
        private readonly string _path;
        private readonly FileStream _file;
        private readonly Cipher _cipher;
        private readonly byte[] _chunk = new byte[MaxChunkBytes + TagBytes];
        private bool _isLast;

        /// <exception cref="InvalidDataException">It is not a snapshot under this key.</exception>
        public Reader(string path, ReadOnlySpan<byte> key)
        {
            _path = path;
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            try
            {
                var head = new byte[Letters.Length + SaltBytes];
                if (_file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length ||
                    !head.AsSpan().StartsWith(Letters))
                {
                    throw Refused();
                }

                _cipher = new Cipher(key, head);
                Place = ReadPlace();
            }
            catch
            {
                _file.Dispose();
                throw;
            }
        }

        public LogPlace Place { get; }

        /// <exception cref="InvalidDataException">The file is damaged or was changed.</exception>
        public IEnumerable<ActiveSignal> ReadSignals()
        {
            while (!_isLast)
            {
                var length = ReadChunk();
                if (length % SignalBytes != 0)
                {
                    throw Refused();
                }

                for (var at = 0; at < length; at += SignalBytes)
                {
                    yield return Read(_chunk.AsSpan(at, SignalBytes));
                }
            }

            if (_file.ReadByte() >= 0)
            {
                throw Refused();
            }
        }

        public void Dispose()
        {
            _cipher.Dispose();
            _file.Dispose();
            CryptographicOperations.ZeroMemory(_chunk);
        }

        private LogPlace ReadPlace()
        {
            var length = ReadChunk();
            return length == sizeof(long) + SHA256.HashSizeInBytes && !_isLast
                ? new LogPlace(BinaryPrimitives.ReadInt64LittleEndian(_chunk), _chunk[sizeof(long)..length])
                : throw Refused();
        }

        private int ReadChunk()
        {
            Span<byte> head = stackalloc byte[sizeof(uint)];
            if (_file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            {
                throw Refused();
            }

            var stated = BinaryPrimitives.ReadUInt32LittleEndian(head);
            var length = stated & ~LastChunk;
            _isLast = stated >= LastChunk;
            if (length > MaxChunkBytes)
            {
                throw Refused();
            }

            var chunk = _chunk.AsSpan(0, (int)length + TagBytes);
            return _file.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false) == chunk.Length &&
                _cipher.TryOpen(chunk, _isLast)
                ? (int)length
                : throw Refused();
        }

        private InvalidDataException Refused() => new($"{_path} is not a whole snapshot of this store's banks.");
    }

    private static void Write(in ActiveSignal signal, Span<byte> bytes)
    {
        bytes.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, signal.Id);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], signal.Bank.Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], signal.DisabledUntil ?? long.MinValue);
        bytes[24] = (byte)signal.Value.Type;
        bytes[25] = (byte)signal.State;
        bytes[26] = (byte)(signal.Profile is { } profile ? (sbyte)profile : Absent);
        bytes[27] = (byte)(signal.Quality is { } quality ? (sbyte)quality : Absent);
        if (signal.Value.Type == SignalType.Pdq)
        {
            signal.Value.Pdq.WriteTo(bytes[28..]);
        }
        else
        {
            signal.Value.Digest.WriteTo(bytes[28..]);
        }
    }

    private static ActiveSignal Read(ReadOnlySpan<byte> bytes)
    {
        var type = (SignalType)bytes[24];
        var (until, profile, quality) = (BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), (sbyte)bytes[26], (sbyte)bytes[27]);
        return new ActiveSignal(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            new BankId(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])),
            type == SignalType.Pdq
                ? new SignalValue(PdqHash.FromBytes(bytes[28..]))
                : new SignalValue(new Digest(DigestTypeOf(type), bytes.Slice(28, Digest.SizeOf(DigestTypeOf(type))))),
            profile == Absent ? null : (PdqProfile)profile,
            quality == Absent ? null : quality,
            (SignalState)bytes[25],
            until == long.MinValue ? null : until);
    }

    private static DigestType DigestTypeOf(SignalType type) => type switch
    {
        SignalType.Md5 => DigestType.Md5,
        SignalType.Sha1 => DigestType.Sha1,
        _ => DigestType.Sha256,
    };

    private sealed class Cipher : IDisposable
    {
        private readonly AesGcm _aes;
        private readonly byte[] _head;
        private long _number;

        public Cipher(ReadOnlySpan<byte> key, byte[] head)
        {
            Span<byte> derived = stackalloc byte[32];
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, head.AsSpan(Letters.Length), Letters);
            _aes = new AesGcm(derived, TagBytes);
            CryptographicOperations.ZeroMemory(derived);
            _head = head;
        }

        public void Seal(Span<byte> chunk, bool isLast)
        {
            Span<byte> nonce = stackalloc byte[12];
            Next(nonce, isLast);
            _aes.Encrypt(nonce, chunk[..^TagBytes], chunk[..^TagBytes], chunk[^TagBytes..], _head);
        }

        public bool TryOpen(Span<byte> chunk, bool isLast)
        {
            Span<byte> nonce = stackalloc byte[12];
            Next(nonce, isLast);
            try
            {
                _aes.Decrypt(nonce, chunk[..^TagBytes], chunk[^TagBytes..], chunk[..^TagBytes], _head);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public void Dispose() => _aes.Dispose();

        private void Next(Span<byte> nonce, bool isLast)
        {
            nonce.Clear();
            BinaryPrimitives.WriteInt64LittleEndian(nonce, _number++);
            nonce[8] = isLast ? (byte)1 : (byte)0;
        }
    }
}
