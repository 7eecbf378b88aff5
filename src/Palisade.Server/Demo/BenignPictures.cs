using System.Numerics;
using Palisade.Server.Demo.Scenes;

namespace Palisade.Server.Demo;

/// <summary>What <see cref="BenignPictures"/> can draw.</summary>
public enum PictureKind
{
    MountainLake,
    Skyline,
    Coast,
    Dunes,
    Meadow,
    NightSky,
    Marble,
    Wood,
    Cobbles,
    Weave,
}

/// <summary>The colour of a scene at a point: x from 0 to the aspect ratio, y from 0 (top) to 1; red, green, blue 0 to 1.</summary>
public delegate Vector3 Scene(float x, float y);

/// <summary>
/// Draws ordinary pictures by arithmetic: landscapes, skylines, textures. The same seed draws the same picture, so the
/// demo, the benchmark and the tests need no picture from anywhere else.
/// </summary>
public static class BenignPictures
{
    /// <summary>Every kind, in the order in which the demo goes through them.</summary>
    public static IReadOnlyList<PictureKind> Kinds { get; } = Enum.GetValues<PictureKind>();

    public static Picture Draw(int seed, PictureKind kind, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 8);
        var scene = Compose(kind, new Chance(seed, (int)kind), (float)width / height);
        var rgb = new byte[width * height * 3];

        Parallel.For(0, height, row =>
        {
            for (var column = 0; column < width; column++)
            {
                // Two samples on the pixel's diagonal take the worst stairs from slanted edges.
                var colour = scene((column + 0.25f) / height, (row + 0.3f) / height) +
                             scene((column + 0.75f) / height, (row + 0.7f) / height);
                Store(rgb.AsSpan((row * width + column) * 3, 3), colour * 0.5f);
            }
        });

        return new Picture(width, height, rgb);
    }

    /// <summary>What the picture shows, in words and without spaces, for its file name.</summary>
    public static string NameOf(PictureKind kind) => kind switch
    {
        PictureKind.MountainLake => "mountain-lake",
        PictureKind.NightSky => "night-sky",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static Scene Compose(PictureKind kind, Chance chance, float aspect) => kind switch
    {
        PictureKind.MountainLake => MountainLake.Compose(chance, aspect),
        PictureKind.Skyline => Skyline.Compose(chance, aspect),
        PictureKind.Coast => Coast.Compose(chance, aspect),
        PictureKind.Dunes => Dunes.Compose(chance, aspect),
        PictureKind.Meadow => Meadow.Compose(chance, aspect),
        PictureKind.NightSky => NightSky.Compose(chance, aspect),
        PictureKind.Marble => Marble.Compose(chance),
        PictureKind.Wood => Wood.Compose(chance),
        PictureKind.Cobbles => Cobbles.Compose(chance),
        PictureKind.Weave => Weave.Compose(chance),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static void Store(Span<byte> pixel, Vector3 colour)
    {
        var clamped = Vector3.Clamp(colour, Vector3.Zero, Vector3.One) * 255f + new Vector3(0.5f);
        pixel[0] = (byte)clamped.X;
        pixel[1] = (byte)clamped.Y;
        pixel[2] = (byte)clamped.Z;
    }
}
