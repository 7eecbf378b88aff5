using System.Runtime.CompilerServices;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Smooth noise on a grid of hashed corners, 0 to 1, and sums of it in octaves.</summary>
internal static class Noise
{
    /// <summary>Mixes three numbers into one whose bits all depend on all of theirs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(int x, int y, int seed)
    {
        unchecked
        {
            var mixed = (uint)x * 0x9E3779B1u ^ (uint)y * 0x85EBCA77u ^ (uint)seed * 0xC2B2AE3Du;
            mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6Du;
            mixed = (mixed ^ mixed >> 12) * 0x297A2D39u;
            return mixed ^ mixed >> 15;
        }
    }

    /// <summary>A number from 0 to 1 that belongs to a cell of the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OfCell(int x, int y, int seed) => (Hash(x, y, seed) >> 8) * (1f / (1 << 24));

    public static float At(float x, float y, int seed)
    {
        var column = (int)MathF.Floor(x);
        var row = (int)MathF.Floor(y);
        var alongX = Smooth(x - column);
        var alongY = Smooth(y - row);
        var top = Mix(OfCell(column, row, seed), OfCell(column + 1, row, seed), alongX);
        var bottom = Mix(OfCell(column, row + 1, seed), OfCell(column + 1, row + 1, seed), alongX);
        return Mix(top, bottom, alongY);
    }

    /// <summary>Octaves of noise, each twice as fine and half as strong; 0 to 1, mostly near one half.</summary>
    public static float Octaves(float x, float y, int seed, int count)
    {
        var sum = 0f;
        var strength = 0.5f;
        var total = 0f;
        for (var octave = 0; octave < count; octave++)
        {
            sum += strength * At(x, y, seed + octave);
            total += strength;
            strength *= 0.5f;
            // Turned by about 37 degrees each time, so that the grids do not line up and show.
            (x, y) = (1.6f * x + 1.2f * y, 1.6f * y - 1.2f * x);
        }

        return sum / total;
    }

    /// <summary>Noise folded into sharp crests, as of mountains; 0 to 1.</summary>
    public static float Ridges(float x, float y, int seed, int count)
    {
        var sum = 0f;
        var strength = 0.5f;
        for (var octave = 0; octave < count; octave++)
        {
            var crest = 1f - MathF.Abs(2f * At(x, y, seed + octave) - 1f);
            sum += strength * crest * crest;
            strength *= 0.5f;
            x = 2.03f * x + 17f;
            y = 2.03f * y + 11f;
        }

        return sum;
    }

    public static float Mix(float from, float to, float share) => from + (to - from) * share;

    /// <summary>0 below <paramref name="from"/>, 1 above <paramref name="to"/>, smooth between.</summary>
    public static float Step(float from, float to, float value) =>
        Smooth(Math.Clamp((value - from) / (to - from), 0f, 1f));

    private static float Smooth(float share) => share * share * (3f - 2f * share);
}
