using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Palisade.Keys;

/// <summary>
/// The keyed checksum that a row carries over its own columns, so that a row that was changed, swapped or written by
/// somebody else is not trusted: HMAC-SHA-256 over each column with its length before it (8 bytes, -1 for null).
/// </summary>
public sealed class RowCheck(byte[] key)
{
    /// <param name="columns">In an order that never changes: text, whole numbers, bytes or null.</param>
    public byte[] Of(params ReadOnlySpan<object?> columns)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Span<byte> length = stackalloc byte[8];
        foreach (var column in columns)
        {
            var bytes = column switch
            {
                null => null,
                byte[] raw => raw,
                string text => Encoding.UTF8.GetBytes(text),
                long number => BytesOf(number),
                int number => BytesOf(number),
                _ => throw new ArgumentException($"A column of type {column.GetType().Name} cannot be checked.", nameof(columns)),
            };
            BinaryPrimitives.WriteInt64BigEndian(length, bytes?.Length ?? -1);
            mac.AppendData(length);
            mac.AppendData(bytes ?? []);
        }

        return mac.GetHashAndReset();
    }

    public bool Fits(ReadOnlySpan<byte> stored, params ReadOnlySpan<object?> columns) =>
        CryptographicOperations.FixedTimeEquals(stored, Of(columns));

    private static byte[] BytesOf(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
