namespace Palisade.Storage;

/// <summary>The store cannot be used as it is. The message says what was found and what to do.</summary>
public sealed class StoreUnusableException : Exception
{
    public StoreUnusableException()
    {
    }

    public StoreUnusableException(string message)
        : base(message)
    {
    }

    public StoreUnusableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
