namespace Palisade.Testing;

/// <summary>
/// A part of the system that a test needs and a fresh clone may lack. Where it is lacking the test is visibly skipped;
/// with <c>PALISADE_REQUIRE_PARTS=1</c> (as in continuous integration) it fails instead.
/// </summary>
public static class OptionalPart
{
    private static bool IsRequired => Environment.GetEnvironmentVariable("PALISADE_REQUIRE_PARTS") == "1";

    /// <summary>Skips (or fails) the calling test unless the part is there.</summary>
    /// <param name="part">What is missing and how to add it, in the reader's words.</param>
    public static void Require(bool isPresent, string part)
    {
        if (isPresent)
        {
            return;
        }

        Assert.False(IsRequired, $"Required here, but missing: {part}");
        Assert.Skip($"Needs {part}");
    }
}
