using System.Text;
using System.Text.Json;

namespace Palisade.Policy;

/// <summary>
/// JSON that remembers its lines, so that a complaint can say where to look. Comments and trailing commas are allowed.
/// </summary>
internal abstract record PolicyNode(int Line)
{
    /// <summary>Deeper than any policy is; a guard against a file that is not one.</summary>
    private const int MaxDepth = 8;

    internal sealed record Member(int Line, string Name, PolicyNode Value);

    internal sealed record Map(int Line, IReadOnlyList<Member> Members) : PolicyNode(Line);

    internal sealed record Sequence(int Line, IReadOnlyList<PolicyNode> Items) : PolicyNode(Line);

    internal sealed record Text(int Line, string Value) : PolicyNode(Line);

    /// <summary>A number, true, false or null: nothing that a policy uses.</summary>
    internal sealed record Other(int Line) : PolicyNode(Line);

    /// <exception cref="JsonException">The text is not JSON; the exception knows the line.</exception>
    internal static PolicyNode Read(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = MaxDepth,
        });
        reader.Read();
        var node = ReadValue(ref reader, bytes);
        reader.Read();
        return node;
    }

    private static PolicyNode ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        var line = LineOf(reader.TokenStartIndex, bytes);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<Member>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var nameLine = LineOf(reader.TokenStartIndex, bytes);
                    var name = reader.GetString()!;
                    reader.Read();
                    members.Add(new Member(nameLine, name, ReadValue(ref reader, bytes)));
                }

                return new Map(line, members);

            case JsonTokenType.StartArray:
                var items = new List<PolicyNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref reader, bytes));
                }

                return new Sequence(line, items);

            case JsonTokenType.String:
                return new Text(line, reader.GetString()!);

            default:
                return new Other(line);
        }
    }

    private static int LineOf(long position, ReadOnlySpan<byte> bytes) => 1 + bytes[..(int)position].Count((byte)'\n');
}
