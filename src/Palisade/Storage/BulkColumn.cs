using NpgsqlTypes;

namespace Palisade.Storage;

/// <summary>A column in a bulk insert: SQLite takes the value as it is, PostgreSQL's COPY wants the exact type.</summary>
public readonly record struct BulkColumn
{
    private BulkColumn(string name, NpgsqlDbType postgresType)
    {
        Name = name;
        PostgresType = postgresType;
    }

    public string Name { get; }

    internal NpgsqlDbType PostgresType { get; }

    /// <summary>Values are <see cref="long"/>.</summary>
    public static BulkColumn Number(string name) => new(name, NpgsqlDbType.Bigint);

    public static BulkColumn Text(string name) => new(name, NpgsqlDbType.Text);

    /// <summary>Values are arrays of <see cref="byte"/>.</summary>
    public static BulkColumn Bytes(string name) => new(name, NpgsqlDbType.Bytea);
}
