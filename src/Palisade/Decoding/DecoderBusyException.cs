namespace Palisade.Decoding;

/// <summary>
/// Every worker is busy and the queue is full. It says nothing about the upload: try again in a moment.
/// </summary>
public sealed class DecoderBusyException : Exception
{
    public DecoderBusyException()
        : base("All decoder workers are busy and their queue is full; try again in a moment.")
    {
    }
}
