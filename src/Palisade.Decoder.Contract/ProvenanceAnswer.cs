using System.Text.Json;
using System.Text.Json.Serialization;

namespace Palisade.Decoder.Contract;

/// <summary>What a file declares of its origin. The words are those of the API.</summary>
public enum DeclaredOrigin
{
    None = 0,
    AlgorithmicNotAi = 1,
    Capture = 2,
    AiSuspected = 3,
    AiPossible = 4,
    AiGenerated = 5,
    AiEdited = 6,
}

/// <summary>How much stands behind a declaration, the weakest first.</summary>
public enum DeclarationStrength
{
    None = 0,

    /// <summary>A manifest lies elsewhere; it is never fetched.</summary>
    ReferenceOnly = 1,
    SignedInvalid = 2,
    UnsignedPixel = 3,
    UnsignedText = 4,
    UnsignedMetadata = 5,
    SignedValidUntrusted = 6,
    SignedTrusted = 7,
}

/// <summary>One place of a file that says something of its origin.</summary>
public sealed record ProvenanceFinding
{
    /// <summary>Where it stands and in what form: <c>c2pa</c>, <c>xmp:DigitalSourceType</c>, <c>png-text:parameters</c>.</summary>
    public required string Mechanism { get; init; }

    public DeclaredOrigin Declared { get; init; }

    public DeclarationStrength Strength { get; init; }

    /// <summary>Only part of an existing picture was generated or replaced.</summary>
    public bool LocalEdit { get; init; }

    public bool FaceSwap { get; init; }

    /// <summary>An existing picture was the start, as a whole.</summary>
    public bool FromPicture { get; init; }

    public string? Tool { get; init; }

    /// <summary>What was found, in a few words of ours or of a fixed vocabulary; never a prompt.</summary>
    public string? Detail { get; init; }
}

/// <summary>How a C2PA manifest store stands.</summary>
public enum C2paState
{
    NotEmbedded = 0,
    Unreadable = 1,
    Invalid = 2,

    /// <summary>Whole and consistent; the signer is on no list of ours.</summary>
    Valid = 3,
    Trusted = 4,
}

/// <summary>One action of a claim, in the claim's own words.</summary>
public sealed record C2paAction(string Action, string? SourceType, string? Software, bool HasRegion);

/// <summary>A picture that went into another.</summary>
/// <param name="Relation">parentOf, componentOf or inputTo.</param>
/// <param name="Manifest">The label of its manifest in the same store, where it has one.</param>
public sealed record C2paIngredient(string Relation, string? Title, string? Manifest);

/// <summary>One manifest: who claims what.</summary>
public sealed record C2paManifest
{
    public required string Label { get; init; }

    public int ClaimVersion { get; init; }

    public string? Generator { get; init; }

    /// <summary>The organisation, or the name, of the signing certificate's subject and of its issuer.</summary>
    public string? Signer { get; init; }

    public string? SignerName { get; init; }

    public string? Algorithm { get; init; }

    /// <summary>What the time stamp says, in ms since 1970 UTC, where one fits the signature.</summary>
    public long? StampedAt { get; init; }

    public IReadOnlyList<C2paAction> Actions { get; init; } = [];

    public IReadOnlyList<C2paIngredient> Ingredients { get; init; } = [];

    /// <summary>Status codes of the C2PA specification 2.2, 15.2, of this manifest.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    public IReadOnlyList<string> Failures { get; init; } = [];
}

/// <summary>A manifest store.</summary>
/// <param name="Manifests">The active one last.</param>
/// <param name="Failures">Why it is not valid, by the active manifest and what it hangs on.</param>
public sealed record C2paReading(C2paState State, IReadOnlyList<C2paManifest> Manifests, IReadOnlyList<string> Failures);

/// <summary>
/// The answer to a file whose origin was asked for, as JSON: it is text of many lengths, and crosses the pipe in one form
/// whose reader is not ours to get wrong.
/// </summary>
public sealed record ProvenanceAnswer
{
    /// <summary>The longest body, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Most entries of any list.</summary>
    public const int MaxEntries = 256;

    /// <summary>Most characters of any text.</summary>
    public const int MaxText = 512;

    public IReadOnlyList<ProvenanceFinding> Findings { get; init; } = [];

    public C2paReading? C2pa { get; init; }

    /// <summary>Parts that contradict themselves or break a limit, in words of ours.</summary>
    public IReadOnlyList<string> Malformed { get; init; } = [];

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, ProvenanceJson.Default.ProvenanceAnswer);

    /// <summary>Reads a body as if an enemy had written it, or null.</summary>
    public static ProvenanceAnswer? TryRead(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(bytes, ProvenanceJson.Default.ProvenanceAnswer);
            return answer is not null && answer.IsInBounds() ? answer : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsInBounds() =>
        Are(Findings, IsGood) && AreTexts(Malformed) &&
        (C2pa is null || (Enum.IsDefined(C2pa.State) && Are(C2pa.Manifests, IsGood) && AreTexts(C2pa.Failures)));

    private static bool IsGood(ProvenanceFinding finding) =>
        IsText(finding.Mechanism) && Enum.IsDefined(finding.Declared) && Enum.IsDefined(finding.Strength) &&
        IsTextOrNull(finding.Tool) && IsTextOrNull(finding.Detail);

    private static bool IsGood(C2paManifest manifest) =>
        IsText(manifest.Label) && IsTextOrNull(manifest.Generator) && IsTextOrNull(manifest.Signer) &&
        IsTextOrNull(manifest.SignerName) && IsTextOrNull(manifest.Algorithm) &&
        AreTexts(manifest.Codes) && AreTexts(manifest.Failures) &&
        Are(manifest.Actions, a => IsText(a.Action) && IsTextOrNull(a.SourceType) && IsTextOrNull(a.Software)) &&
        Are(manifest.Ingredients, i => IsText(i.Relation) && IsTextOrNull(i.Title) && IsTextOrNull(i.Manifest));

    private static bool Are<T>(IReadOnlyList<T>? values, Func<T, bool> isGood)
        where T : class =>
        values is not null && values.Count <= MaxEntries && values.All(value => value is not null && isGood(value));

    private static bool AreTexts(IReadOnlyList<string>? values) => Are(values, IsText);

    private static bool IsText(string? text) => text is not null && IsTextOrNull(text);

    private static bool IsTextOrNull(string? text) => text is null || (text.Length <= MaxText && !text.Any(char.IsControl));
}

/// <summary>Reads and writes without reflection, so that a worker starts fast.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 12,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ProvenanceAnswer))]
internal sealed partial class ProvenanceJson : JsonSerializerContext;
