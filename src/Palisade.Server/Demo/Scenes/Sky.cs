using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>A sky with a gradient, a sun and its glow, and clouds lit from the sun's side.</summary>
internal sealed record Sky
{
    private static readonly (Vector3 Zenith, Vector3 Horizon, Vector3 Light)[] Hours =
    [
        (Colours.Of(0x2b6cb8), Colours.Of(0xbcdcf0), Colours.Of(0xfff6dc)),
        (Colours.Of(0x2c3e6b), Colours.Of(0xf7b27a), Colours.Of(0xffd9a0)),
        (Colours.Of(0x3a3565), Colours.Of(0xf08a6c), Colours.Of(0xffc69a)),
        (Colours.Of(0x4f86b5), Colours.Of(0xf6e3c3), Colours.Of(0xfff0cf)),
        (Colours.Of(0x1f5d8f), Colours.Of(0x9fd0d8), Colours.Of(0xfffbe8)),
    ];

    public required Vector3 Zenith { get; init; }

    public required Vector3 Horizon { get; init; }

    /// <summary>Colour of the light, for whatever stands below the sky.</summary>
    public required Vector3 Light { get; init; }

    public required Vector2 Sun { get; init; }

    public required float HorizonY { get; init; }

    public required float Cloudiness { get; init; }

    public required int Seed { get; init; }

    public static Sky Compose(Chance chance, float aspect, float horizonY)
    {
        var (zenith, horizon, light) = chance.Pick<(Vector3, Vector3, Vector3)>(Hours);
        return new Sky
        {
            Zenith = chance.Near(zenith, 0.04f),
            Horizon = chance.Near(horizon, 0.03f),
            Light = light,
            Sun = new Vector2(aspect * chance.NextFloat(0.15f, 0.85f), horizonY * chance.NextFloat(0.3f, 0.75f)),
            HorizonY = horizonY,
            Cloudiness = chance.NextFloat(0.35f, 0.62f),
            Seed = chance.NextSeed(),
        };
    }

    public Vector3 ColourAt(float x, float y)
    {
        var height = Math.Clamp(y / HorizonY, 0f, 1f);
        var colour = Vector3.Lerp(Zenith, Horizon, MathF.Pow(height, 1.4f));

        var fromSun = Vector2.Distance(new Vector2(x, y), Sun);
        colour += Light * (0.32f * MathF.Exp(-fromSun * 4.5f));
        colour = Vector3.Lerp(colour, Vector3.One, Noise.Step(0.042f, 0.034f, fromSun));

        // Clouds flatten towards the horizon, where one looks at them from the side.
        var stretch = 1f / (0.35f + 1.1f * (1f - height));
        var density = CloudsAt(x, y, stretch);
        var lit = Math.Clamp(0.55f + 2.2f * (density - CloudsAt(x - 0.03f, y - 0.035f, stretch)), 0f, 1f);
        var cloud = Vector3.Lerp(Vector3.Lerp(Zenith, Horizon, 0.55f) * 0.92f, Vector3.Lerp(Light, Vector3.One, 0.5f), lit);
        return Vector3.Lerp(colour, cloud, Noise.Step(1f - Cloudiness, 1.18f - Cloudiness, density) * 0.9f);
    }

    private float CloudsAt(float x, float y, float stretch) =>
        Noise.Octaves(x * 2.4f + 9f, y * 5.2f * stretch, Seed, 4);
}
