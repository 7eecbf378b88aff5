namespace Palisade.Testing;

/// <summary>Says what a promise's test measured, where <c>palisade-promises</c> looks for it.</summary>
public static class Measured
{
    public const string Mark = "measured: ";

    public static void Say(FormattableString what) =>
        TestContext.Current.TestOutputHelper?.WriteLine(Mark + FormattableString.Invariant(what));
}
