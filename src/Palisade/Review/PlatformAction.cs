namespace Palisade.Review;

/// <summary>What the platform is told to do with an upload once a person has decided.</summary>
public enum PlatformAction
{
    /// <summary>Publish it, or leave it where it is.</summary>
    Release,

    /// <summary>Take it down, or never publish it.</summary>
    Remove,

    /// <summary>Take it down and restrict the account that sent it.</summary>
    Restrict,

    /// <summary>
    /// Change nothing that the uploader could notice and tell nobody: an authority asked for it, or a child would be in
    /// danger. The verdict in force stays as it is.
    /// </summary>
    Silent,
}
