namespace Palisade.Server.Cli;

/// <summary>How a verb ended, for scripts. The numbers are documented and stay.</summary>
internal static class ExitCode
{
    /// <summary>Done; for <c>scan</c>: nothing stands against any file.</summary>
    public const int Ok = 0;

    /// <summary><c>verify</c> and <c>restore</c>: all was examined, and something is damaged, missing or extra.</summary>
    public const int NotWhole = 1;

    /// <summary>Something could not be read, decoded or understood.</summary>
    public const int Error = 2;

    /// <summary>Asked for, and waits for a second person; nothing was changed.</summary>
    public const int SecondPersonNeeded = 3;

    /// <summary><c>scan</c>: every file was looked at, and something is held or blocked.</summary>
    public const int HeldOrBlocked = 10;

    /// <summary><c>audit verify</c>: everything was read, and something is missing or was changed.</summary>
    public const int Damaged = 11;

    /// <summary>Ended from the keyboard, as shells number it: 128 and the signal, 2.</summary>
    public const int Interrupted = 130;
}
