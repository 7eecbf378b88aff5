namespace Palisade.Storage;

/// <summary>Where records are kept.</summary>
public sealed record StoreOptions
{
    /// <summary>The data folder; holds palisade.db when no PostgreSQL is named. Created when missing, mode 0700.</summary>
    public required string Folder { get; init; }

    /// <summary>An Npgsql connection string; null means SQLite in the folder.</summary>
    public string? Postgres { get; init; }
}
