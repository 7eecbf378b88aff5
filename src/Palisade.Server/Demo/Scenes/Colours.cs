using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Colours written as painters on screens write them.</summary>
internal static class Colours
{
    /// <summary>From 0xRRGGBB.</summary>
    public static Vector3 Of(int rgb) => new Vector3(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255) / 255f;

    public static float LumaOf(Vector3 colour) => Vector3.Dot(colour, new Vector3(0.299f, 0.587f, 0.114f));
}
