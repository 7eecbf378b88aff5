using System.Buffers.Binary;
using System.Security.Cryptography;
using Palisade.Keys;
using Palisade.Signals.Search.Regions;

namespace Palisade.Banks.Regions;

/// <summary>
/// The snapshot of the region index in the data folder, so that a start opens one file instead of a million rows.
/// </summary>
/// <remarks>
/// Eight letters, the place in the change log (number, 8 bytes little-endian, and mark, 32 bytes), and a
/// <see cref="RegionIndexSnapshot"/> under a key that is derived from the bank key and from what stands before, so that
/// neither a changed place nor a byte of the rest opens. Written beside, flushed to the disk and renamed: a crash leaves
/// the old file or none.
/// </remarks>
internal static class RegionIndexFile
{
    public const string Name = "regions.snapshot";

    private const int HeadBytes = 8 + sizeof(long) + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Letters => "PALREF01"u8;

    /// <exception cref="IOException">The file cannot be written; the old one is as it was.</exception>
    public static void Save(string path, BankKey key, LogPlace place, RegionIndex index)
    {
        var beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var head = new byte[HeadBytes];
        Letters.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(Letters.Length), place.Sequence);
        place.Mark.CopyTo(head, Letters.Length + sizeof(long));
        var fileKey = KeyOf(key, head);
        try
        {
            using (var file = new FileStream(beside, options))
            {
                file.Write(head);
                RegionIndexSnapshot.Save(index, file, fileKey);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
            File.Delete(beside);
        }
    }

    /// <exception cref="InvalidDataException">The file is damaged, was changed, or is another store's.</exception>
    public static (LogPlace Place, RegionIndex Index) Load(string path, BankKey key)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        var head = new byte[HeadBytes];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.AsSpan().StartsWith(Letters))
        {
            throw new InvalidDataException($"{path} is not a whole snapshot of this store's region codes.");
        }

        var fileKey = KeyOf(key, head);
        try
        {
            var place = new LogPlace(
                BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(Letters.Length)), head[(Letters.Length + sizeof(long))..]);
            return (place, RegionIndexSnapshot.Load(file, fileKey, path));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(fileKey);
        }
    }

    private static byte[] KeyOf(BankKey key, byte[] head)
    {
        var root = key.DeriveFor("palisade regions v1 snapshot"u8);
        try
        {
            return HKDF.DeriveKey(HashAlgorithmName.SHA256, root, BankKey.SizeBytes, salt: head);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(root);
        }
    }
}
