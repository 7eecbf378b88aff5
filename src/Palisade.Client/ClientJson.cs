using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palisade.Client;

/// <summary>Readers and writers made at build time, so that a trimmed or native platform can use the client.</summary>
/// <remarks>
/// They set every init property, also to null where the text has none, so what must not be null says so in its getter.
/// </remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(VerdictConverter), typeof(PlatformActionConverter)])]
[JsonSerializable(typeof(ScanAnswer))]
[JsonSerializable(typeof(ScanRecord))]
[JsonSerializable(typeof(LookupBatch))]
[JsonSerializable(typeof(LookupBatchAnswer))]
[JsonSerializable(typeof(VerdictPage))]
[JsonSerializable(typeof(FlagAnswer))]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(IReadOnlyList<NetworkFact>))]
[JsonSerializable(typeof(IReadOnlyList<ContextItem>))]
[JsonSerializable(typeof(PalisadeProblem))]
internal sealed partial class ClientJson : JsonSerializerContext;
