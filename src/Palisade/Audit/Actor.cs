using System.Globalization;

namespace Palisade.Audit;

/// <summary>Who made a change, as the change log names them: <c>key:12</c>, <c>cli:anna</c>, <c>palisade</c>.</summary>
public readonly record struct Actor
{
    private const int LongestName = 100;

    private readonly string? _name;

    private Actor(string name) => _name = name.Length > LongestName ? name[..LongestName] : name;

    /// <summary>Palisade itself, by a rule of its own.</summary>
    public static Actor Palisade { get; } = new("palisade");

    /// <summary>Somebody who did not say who they are, or not believably.</summary>
    public static Actor Stranger { get; } = new("stranger");

    public static Actor ApiKey(long id) => new(string.Create(CultureInfo.InvariantCulture, $"key:{id}"));

    /// <summary>Reads a name as the change log shows it, to look for its entries.</summary>
    public static Actor Named(string name) => new(name);

    /// <param name="user">The account on the machine; control characters are dropped.</param>
    public static Actor CommandLine(string user) => new("cli:" + string.Concat(user.Where(c => !char.IsControl(c))));

    public override string ToString() => _name ?? "palisade";
}
