namespace Palisade.Decoding;

/// <summary>Why a worker ended before its time.</summary>
public enum WorkerDeath
{
    /// <summary>It died by itself.</summary>
    Crashed,

    /// <summary>It was ended: over its time.</summary>
    TimedOut,

    /// <summary>It was ended: what it answered is no answer to the question.</summary>
    MalformedAnswer,
}
