namespace Palisade.Banks.Fetching;

/// <summary>What fetching came to. A closed set: <see cref="Fetched"/>, <see cref="Refused"/>.</summary>
public abstract record FetchOutcome
{
    private FetchOutcome()
    {
    }

    /// <summary>The body of an answer with status 200, as sent. Untrusted: for the sandboxed decoder only.</summary>
    public sealed record Fetched(ReadOnlyMemory<byte> Bytes) : FetchOutcome;

    /// <param name="Detail">What to change, for a person; holds nothing that the other side said.</param>
    public sealed record Refused(FetchRefusal Reason, string Detail) : FetchOutcome;
}

/// <summary>Why nothing was fetched.</summary>
public enum FetchRefusal
{
    /// <summary>No host is allowed, so fetching is switched off.</summary>
    SwitchedOff,

    /// <summary>No address in the narrow form that is fetched.</summary>
    NotAnAddress,
    NotHttps,

    /// <summary>A user or password stands in the address.</summary>
    UserInfo,
    HostNotAllowed,
    PortNotAllowed,

    /// <summary>The name could not be looked up.</summary>
    NameNotFound,

    /// <summary>The name leads to a private, local or reserved address.</summary>
    AddressNotPublic,

    /// <summary>Redirects beyond the allowed number.</summary>
    Redirected,

    /// <summary>No connection, no valid certificate, or a broken answer.</summary>
    NoConnection,

    /// <summary>An answer with another status than 200, or one that is compressed.</summary>
    UnexpectedAnswer,
    TooLarge,
    TimedOut,
}
