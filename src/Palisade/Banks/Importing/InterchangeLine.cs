using System.Buffers;
using System.Text.Json;
using Palisade.Signals.Pdq;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>
/// One line of our own interchange, NDJSON: <c>{"v":1,"type":"pdq","value":"..","profile":"full","quality":100,
/// "entry":"..","status":"active|withdrawn"}</c>. Members that are not known here are passed over.
/// </summary>
internal static class InterchangeLine
{
    private const int LongestOrigin = 500;

    public static ListLine Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                ? Read(ref reader)
                : ListLine.Refused(LineRefusal.BadJson);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // Not JSON, or a member that is not of its type.
            return ListLine.Refused(LineRefusal.BadJson);
        }
    }

    /// <summary>Writes a signal as one line, with its line end.</summary>
    public static void Write(Utf8JsonWriter json, IBufferWriter<byte> output, Signal signal)
    {
        json.Reset(output);
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("type", Words.Of(signal.Value.Type));
        json.WriteString("value", signal.Value.ToString());
        if (signal.Profile is { } profile)
        {
            json.WriteString("profile", Words.Of(profile));
        }

        if (signal.Quality is { } quality)
        {
            json.WriteNumber("quality", quality);
        }

        json.WriteString("content", "image");
        if (signal.Origin.Length > 0)
        {
            json.WriteString("entry", signal.Origin);
        }

        json.WriteString("status", signal.State == SignalState.Withdrawn ? "withdrawn" : "active");
        json.WriteString("updated", signal.AddedAt.UtcDateTime);
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    private static ListLine Read(ref Utf8JsonReader reader)
    {
        SignalType? type = null;
        PdqProfile? profile = null;
        int? quality = null;
        string? value = null, entry = null;
        bool isVersion1 = false, isWithdrawn = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Next(ref reader, "v"u8))
            {
                isVersion1 = reader.GetInt32() == 1;
            }
            else if (Next(ref reader, "type"u8))
            {
                type = Words.TryParse<SignalType>(reader.GetString(), out var named) ? named : null;
                if (type is null)
                {
                    return ListLine.Refused(LineRefusal.UnknownType);
                }
            }
            else if (Next(ref reader, "value"u8))
            {
                value = reader.GetString();
            }
            else if (Next(ref reader, "profile"u8))
            {
                if (!Words.TryParse<PdqProfile>(reader.GetString(), out var named))
                {
                    return ListLine.Refused(LineRefusal.BadJson);
                }

                profile = named;
            }
            else if (Next(ref reader, "quality"u8))
            {
                if (!reader.TryGetInt32(out var number) || number is < 0 or > 100)
                {
                    return ListLine.Refused(LineRefusal.BadQuality);
                }

                quality = number;
            }
            else if (Next(ref reader, "entry"u8))
            {
                entry = reader.GetString();
            }
            else if (Next(ref reader, "status"u8))
            {
                isWithdrawn = reader.ValueTextEquals("withdrawn"u8);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (!isVersion1 || type is null || value is null || reader.TokenType != JsonTokenType.EndObject || reader.Read())
        {
            return ListLine.Refused(LineRefusal.BadJson);
        }

        return SignalValue.TryParse(type.Value, value, out var parsed)
            ? ListLine.Signal(parsed) with
            {
                Profile = profile,
                Quality = quality,
                Origin = entry?.Length > LongestOrigin ? entry[..LongestOrigin] : entry,
                IsWithdrawn = isWithdrawn,
            }
            : ListLine.Refused(LineRefusal.Malformed);
    }

    /// <summary>Steps onto the member's value when this is its name.</summary>
    private static bool Next(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name) && reader.Read();
}
