using System.Globalization;

namespace Palisade.Signals.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Bench">Which one.</param>
/// <param name="Size">Of the picture.</param>
/// <param name="Count">Of the list.</param>
/// <param name="IsClustered">Whether a fifth of the list lies in groups of 50 within 12 bits.</param>
/// <param name="Peer">An executable to compare with; each bench documents how it is called.</param>
/// <param name="Plot">Where to draw cost against list size.</param>
internal sealed record Options(
    string Bench, (int Width, int Height)? Size, int Count, bool IsClustered, string? Peer, string? Plot)
{
    /// <summary>Needles that one batched scan looks for.</summary>
    public const int UsualBatch = 64;

    /// <summary>Needles that one batched scan looks for, 1 to 1,024.</summary>
    public int Batch { get; init; } = UsualBatch;

    public static Options Parse(string[] args)
    {
        string? After(string name) => Array.IndexOf(args, name) is var at and >= 0 ? args[at + 1] : null;
        int Number(string text) => int.Parse(text, NumberStyles.Integer, CultureInfo.InvariantCulture);
        var size = After("--size")?.Split('x');
        return new(
            args.Length > 0 ? args[0] : "",
            size is null ? null : (Number(size[0]), Number(size[1])),
            Number(After("--count") ?? "1000000"),
            args.Contains("--clustered", StringComparer.Ordinal),
            After("--peer"),
            After("--plot"))
        {
            Batch = Math.Clamp(Number(After("--batch") ?? "64"), 1, 1_024),
        };
    }
}
