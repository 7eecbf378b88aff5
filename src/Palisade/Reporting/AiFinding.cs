using System.Globalization;

namespace Palisade.Reporting;

/// <summary>
/// What was found about how a file was made. Null in any place means that nobody looked, which is not the same as nothing found.
/// </summary>
public sealed record AiFinding
{
    /// <summary>The method suspected, such as <c>inpainting</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Altered share of the frame, 0 to 1.</summary>
    public double? AlteredShare { get; init; }

    public double? Score { get; init; }

    public string? Model { get; init; }

    /// <summary>What the file's own provenance manifest says, and whether it holds.</summary>
    public string? Manifest { get; init; }

    /// <summary>The file itself, or a person, says that it is made or altered by generative AI.</summary>
    public bool IsGenerative { get; init; }

    /// <summary>One line, for the authority's additionalInfo.</summary>
    public string Line() => "AI assessment: " + string.Join("; ", new[]
    {
        $"generative {(IsGenerative ? "believed" : "not established")}",
        $"method {Method ?? "not evaluated"}",
        AlteredShare is { } share ? string.Create(CultureInfo.InvariantCulture, $"altered share {share:0.00}") : "altered share not evaluated",
        Score is { } score ? string.Create(CultureInfo.InvariantCulture, $"score {score:0.00}") : "score not evaluated",
        $"model {Model ?? "none"}",
        $"provenance manifest {Manifest ?? "not evaluated"}",
    });
}
