using System.Numerics;

namespace Palisade.Server.Demo.Scenes;

/// <summary>Numbers that look random and are the same for the same seed on every machine and runtime.</summary>
internal sealed class Chance(int seed, int stream)
{
    private uint _state = Noise.Hash(seed, stream, 0x51ed);

    /// <summary>A seed for noise.</summary>
    public int NextSeed() => (int)Next();

    public bool NextBool() => (Next() & 1) != 0;

    public float NextFloat(float from, float to) => from + (to - from) * (Next() >> 8) * (1f / (1 << 24));

    public T Pick<T>(ReadOnlySpan<T> choices) => choices[(int)(Next() % (uint)choices.Length)];

    /// <summary>The colour, a little moved.</summary>
    public Vector3 Near(Vector3 colour, float reach) =>
        colour + new Vector3(NextFloat(-reach, reach), NextFloat(-reach, reach), NextFloat(-reach, reach));

    private uint Next() => _state = Noise.Hash((int)_state, 0x2545, 0x11);
}
