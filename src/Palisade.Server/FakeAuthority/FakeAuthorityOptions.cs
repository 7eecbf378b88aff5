namespace Palisade.Server.FakeAuthority;

/// <summary>How a rehearsal authority behaves.</summary>
internal sealed record FakeAuthorityOptions
{
    /// <summary>http, an address in numbers; port 0 takes a free one.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    public string UserName { get; init; } = "rehearsal";

    /// <summary>It guards nothing: whoever sees the rehearsal may see it.</summary>
    public string Password { get; init; } = "rehearsal";

    /// <summary>Where reports are kept over a restart; null keeps them in memory only.</summary>
    public string? Folder { get; init; }

    /// <summary>How many of the authority's hours pass in an hour: 3,600 lets an unfinished report expire after 24 s.</summary>
    public double ClockSpeed { get; init; } = 1;

    /// <summary>Whether its schema has the 2026 additions.</summary>
    public bool HasAdditions2026 { get; init; } = true;

    public IReadOnlyList<FakeFault> Faults { get; init; } = [];

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Told one line for each request, without anything from its body.</summary>
    public Action<string> Say { get; init; } = _ => { };
}
