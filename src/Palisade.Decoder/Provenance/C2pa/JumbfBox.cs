using System.Buffers.Binary;
using System.Text;

namespace Palisade.Decoder.Provenance.C2pa;

/// <summary>A JUMBF superbox (ISO/IEC 19566-5): a description, then boxes.</summary>
internal sealed class JumbfBox
{
    private const int MaxDepth = 32;
    private const int MaxBoxes = 20_000;
    private const int DescriptionMinBytes = 17;

    private JumbfBox(string type, string label, ReadOnlyMemory<byte> payload)
    {
        Type = type;
        Label = label;
        Payload = payload;
    }

    /// <summary>The first four bytes of the type, as text.</summary>
    public string Type { get; }

    public string Label { get; }

    /// <summary>Description and content without the superbox's own header: what a hashed URI hashes.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    public List<JumbfBox> Boxes { get; } = [];

    /// <summary>The first content box that is no superbox.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    public string? ContentType { get; private set; }

    public JumbfBox? Find(string label) => Boxes.FirstOrDefault(box => box.Label == label);

    /// <exception cref="InvalidDataException">It is no JUMBF, or breaks a limit.</exception>
    public static JumbfBox Read(ReadOnlyMemory<byte> bytes)
    {
        var count = 0;
        var (type, payload, _) = Next(bytes);
        return type == "jumb" ? ReadSuperbox(payload, 0, ref count) : throw Fault();
    }

    private static JumbfBox ReadSuperbox(ReadOnlyMemory<byte> payload, int depth, ref int count)
    {
        if (depth > MaxDepth || ++count > MaxBoxes)
        {
            throw Fault();
        }

        var (type, description, rest) = Next(payload);
        if (type != "jumd" || description.Length < DescriptionMinBytes)
        {
            throw Fault();
        }

        var kind = Encoding.Latin1.GetString(description.Span[..4]);
        var label = string.Empty;
        if ((description.Span[16] & 2) != 0)
        {
            var text = description.Span[17..];
            var end = text.IndexOf((byte)0);
            label = end < 0 ? throw Fault() : Encoding.UTF8.GetString(text[..end]);
        }

        var box = new JumbfBox(kind, label, payload);
        while (!rest.IsEmpty)
        {
            (type, var content, rest) = Next(rest);
            if (type == "jumb")
            {
                box.Boxes.Add(ReadSuperbox(content, depth + 1, ref count));
            }
            else if (++count > MaxBoxes)
            {
                throw Fault();
            }
            else if (box.ContentType is null)
            {
                box.ContentType = type;
                box.Content = content;
            }
        }

        return box;
    }

    private static (string Type, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Others) Next(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < 8)
        {
            throw Fault();
        }

        var length = (ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes.Span);
        var header = 8;
        if (length == 1 && bytes.Length >= 16)
        {
            length = BinaryPrimitives.ReadUInt64BigEndian(bytes.Span[8..]);
            header = 16;
        }
        else if (length == 0)
        {
            length = (ulong)bytes.Length;
        }

        if (length < (ulong)header || length > (ulong)bytes.Length)
        {
            throw Fault();
        }

        return (Encoding.Latin1.GetString(bytes.Span.Slice(4, 4)), bytes[header..(int)length], bytes[(int)length..]);
    }

    private static InvalidDataException Fault() => new("Not JUMBF within the limits.");
}
