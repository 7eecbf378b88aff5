using System.Buffers.Binary;
using System.Text;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>
/// Reads CBOR (RFC 8949) into plain values: long, bytes, text, list, map, bool or null. Tags are dropped.
/// </summary>
internal ref struct Cbor
{
    private const int MaxDepth = 32;
    private const int MaxItems = 200_000;

    private readonly ReadOnlyMemory<byte> _bytes;
    private int _position;
    private int _items;

    private Cbor(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <exception cref="InvalidDataException">It is no CBOR, or breaks a limit.</exception>
    public static object? Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new Cbor(bytes);
        return reader.ReadItem(0);
    }

    private object? ReadItem(int depth)
    {
        if (depth > MaxDepth || ++_items > MaxItems)
        {
            throw Fault();
        }

        var first = NextByte();
        var (major, info) = (first >> 5, first & 31);
        if (info == 31)
        {
            return ReadIndefinite(major, depth);
        }

        if (major == 7)
        {
            return ReadSimple(info);
        }

        var argument = Argument(info);
        switch (major)
        {
            case 0:
                return argument;
            case 1:
                return -1 - argument;
            case 2:
                return Take(argument);
            case 3:
                return Encoding.UTF8.GetString(Take(argument).Span);
            case 4:
                var list = new List<object?>();
                for (long i = 0; i < argument; i++)
                {
                    list.Add(ReadItem(depth + 1));
                }

                return list;
            case 5:
                var map = new Dictionary<object, object?>();
                for (long i = 0; i < argument; i++)
                {
                    AddPair(map, depth);
                }

                return map;
            default:
                return ReadItem(depth + 1);
        }
    }

    private object ReadIndefinite(int major, int depth)
    {
        switch (major)
        {
            case 4:
                var list = new List<object?>();
                while (!TryEnd())
                {
                    list.Add(ReadItem(depth + 1));
                }

                return list;
            case 5:
                var map = new Dictionary<object, object?>();
                while (!TryEnd())
                {
                    AddPair(map, depth);
                }

                return map;
            case 2 or 3:
                var pieces = new List<byte>();
                while (!TryEnd())
                {
                    var piece = NextByte();
                    if (piece >> 5 != major || (piece & 31) == 31 || ++_items > MaxItems)
                    {
                        throw Fault();
                    }

                    pieces.AddRange(Take(Argument(piece & 31)).Span);
                }

                return major == 2 ? new ReadOnlyMemory<byte>([.. pieces]) : Encoding.UTF8.GetString([.. pieces]);
            default:
                throw Fault();
        }
    }

    /// <summary>A key that comes twice would let two readers see two claims.</summary>
    private void AddPair(Dictionary<object, object?> map, int depth)
    {
        var key = ReadItem(depth + 1);
        if (key is not (string or long) || !map.TryAdd(key, ReadItem(depth + 1)))
        {
            throw Fault();
        }
    }

    private object? ReadSimple(int info)
    {
        switch (info)
        {
            case 20 or 21:
                return info == 21;
            case 22 or 23:
                return null;
            case 24 or 25 or 26 or 27:
                Take(1 << (info - 24));
                return null;
            default:
                throw Fault();
        }
    }

    private long Argument(int info) => info switch
    {
        < 24 => info,
        24 => NextByte(),
        25 => BinaryPrimitives.ReadUInt16BigEndian(Take(2).Span),
        26 => BinaryPrimitives.ReadUInt32BigEndian(Take(4).Span),
        27 => BinaryPrimitives.ReadInt64BigEndian(Take(8).Span) is >= 0 and var number ? number : throw Fault(),
        _ => throw Fault(),
    };

    private bool TryEnd()
    {
        if (_position < _bytes.Length && _bytes.Span[_position] == 0xFF)
        {
            _position++;
            return true;
        }

        return false;
    }

    private byte NextByte() => Take(1).Span[0];

    private ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > _bytes.Length - _position)
        {
            throw Fault();
        }

        var taken = _bytes.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    private static InvalidDataException Fault() => new("Not CBOR within the limits.");
}

/// <summary>Looks into what <see cref="Cbor"/> read.</summary>
internal static class CborLookups
{
    public static object? At(this object? value, object key) =>
        value is Dictionary<object, object?> map ? map.GetValueOrDefault(key) : null;

    public static string? TextAt(this object? value, object key) => value.At(key) as string;

    public static long? NumberAt(this object? value, object key) => value.At(key) as long?;

    public static ReadOnlyMemory<byte>? BytesAt(this object? value, object key) => value.At(key) as ReadOnlyMemory<byte>?;

    public static List<object?> ListAt(this object? value, object key) => value.At(key) as List<object?> ?? [];
}
