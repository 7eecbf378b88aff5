namespace UploadGate;

/// <summary>What the gate is told at start.</summary>
public sealed record GateOptions
{
    /// <summary>Where uploads are kept, published or not.</summary>
    public required string Folder { get; init; }

    public required Uri PalisadeAddress { get; init; }

    /// <summary>Needs the scopes <c>scan</c>, <c>scans.read</c> and <c>verdicts.read</c>, and wants no more.</summary>
    public required string PalisadeKey { get; init; }

    /// <summary>The name of this surface in Palisade's policy.</summary>
    public string Service { get; init; } = "avatars";

    /// <summary>Largest upload in bytes. Default 20 MiB.</summary>
    public long MaxUploadBytes { get; init; } = 20 << 20;

    /// <summary>How many uploads may wait to be checked before nobody's is taken any more. Default 1,000.</summary>
    public int MaxWaiting { get; init; } = 1000;

    /// <summary>How often cleared uploads are published, all at once. Default 5 seconds.</summary>
    public TimeSpan PublishEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the uploads that wait are looked through for forgotten ones. Default 1 minute.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Reads PALISADE_URL, PALISADE_KEY, UPLOADGATE_FOLDER and UPLOADGATE_SERVICE.</summary>
    /// <exception cref="GateOptionsException">One of the first two is missing, or the address is none.</exception>
    public static GateOptions FromEnvironment(IConfiguration environment) => new()
    {
        Folder = environment["UPLOADGATE_FOLDER"] ?? "uploads",
        Service = environment["UPLOADGATE_SERVICE"] ?? "avatars",
        PalisadeAddress = Uri.TryCreate(environment["PALISADE_URL"], UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? address
            : throw new GateOptionsException("Set PALISADE_URL to Palisade's address, such as http://127.0.0.1:8080."),
        PalisadeKey = environment["PALISADE_KEY"] is { Length: > 0 } key
            ? key
            : throw new GateOptionsException(
                "Set PALISADE_KEY to a key with the scopes scan, scans.read and verdicts.read, which "
                + "`palisade key create` makes."),
    };
}

/// <summary>The gate was not told what it needs; the message says what to set.</summary>
public sealed class GateOptionsException(string message) : Exception(message);
