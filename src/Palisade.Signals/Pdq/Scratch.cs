namespace Palisade.Signals.Pdq;

/// <summary>Arrays that a hasher keeps from one picture to the next.</summary>
internal static class Scratch
{
    /// <summary>Makes the array at least this long; what it held is lost when it had to grow.</summary>
    public static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }
}
