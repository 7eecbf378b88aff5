namespace Palisade.Policy;

/// <summary>Whether a service's uploads are also compared by their regions, when their look and bytes match nothing.</summary>
public enum RegionMode
{
    /// <summary>They are not.</summary>
    Off,

    /// <summary>The verdict is answered at once; what their regions say follows by the feed and the webhook.</summary>
    After,

    /// <summary>The verdict waits for it.</summary>
    Wait,
}
