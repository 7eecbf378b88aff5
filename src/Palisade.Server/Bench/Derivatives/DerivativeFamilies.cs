namespace Palisade.Server.Bench.Derivatives;

/// <summary>Which alterations are counted together.</summary>
internal static class DerivativeFamilies
{
    /// <summary>In the order of the table.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "in place", "patch 10 %", "patch 20 %", "patch 40 %", "combinations", "jpeg, resize, tone", "crop", "frame, caption, collage",
        "rotation, mirror", "other",
    ];

    public static string Of(string transform) => transform.TrimEnd("0123456789.".ToCharArray()) switch
    {
        "into" => $"patch {transform["into".Length..]} %",
        "fill" or "paste" or "telea" or "ns" => "in place",
        "jpeg" or "resize" or "bright" or "contrast" => "jpeg, resize, tone",
        "crop" => "crop",
        "border" or "caption" or "screenshot" or "collage" => "frame, caption, collage",
        "rot" or "flip" => "rotation, mirror",
        _ => transform.StartsWith("c_", StringComparison.Ordinal) ? "combinations" : "other",
    };
}
