namespace Palisade.Server.Cli;

/// <summary>How a part of the system was found.</summary>
internal enum PartState
{
    Present,

    /// <summary>Not there; something optional is given up.</summary>
    Missing,

    /// <summary>The service cannot run, or not safely, until it is mended.</summary>
    Broken,
}

/// <summary>One line of what <c>doctor</c> found.</summary>
/// <param name="Detail">What was found: a version, a path, a number.</param>
/// <param name="Cost">What is given up while it is as it is; null when nothing is.</param>
/// <param name="Remedy">The command or setting that mends it.</param>
internal sealed record Finding(string Part, PartState State, string Detail, string? Cost = null, string? Remedy = null);
