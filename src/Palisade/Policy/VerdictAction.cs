namespace Palisade.Policy;

/// <summary>What the platform is told to do with an upload, from mildest to strongest.</summary>
public enum VerdictAction
{
    /// <summary>Nothing stands against it.</summary>
    Allow,

    /// <summary>Keep it back until a person has decided.</summary>
    Hold,

    /// <summary>Do not publish it.</summary>
    Block,
}
