using Palisade.Server.Options;

namespace Palisade.Server.Api;

/// <summary>
/// Lets an upload in before any work is done for it, or not at all. Bounds both how many uploads are on their way
/// through the service and how much memory they hold; nobody waits here, a caller is told at once.
/// </summary>
public sealed class UploadAdmission(LimitOptions limits)
{
    /// <summary>Room for the other parts of the form and for the headers between them.</summary>
    internal const long FormBytes = 64 << 10;

    private readonly Lock _lock = new();
    private int _uploads;
    private long _bytes;

    public int UploadsInFlight => Volatile.Read(ref _uploads);

    public long BytesInFlight => Volatile.Read(ref _bytes);

    internal long MaxUploadBytes => limits.MaxUploadBytes;

    /// <summary>The largest request body that is read.</summary>
    internal long MaxBodyBytes => limits.MaxUploadBytes + FormBytes;

    /// <param name="declaredBytes">What the request says of its length; without it the largest is set aside.</param>
    /// <returns>Null when the service is full. Dispose the place when the upload's memory is free again.</returns>
    public Place? TryEnter(long? declaredBytes)
    {
        var bytes = Math.Min(declaredBytes ?? limits.MaxUploadBytes, limits.MaxUploadBytes);
        lock (_lock)
        {
            if (_uploads >= limits.MaxUploadsInFlight || _bytes + bytes > limits.MaxBytesInFlight)
            {
                return null;
            }

            _uploads++;
            _bytes += bytes;
            return new Place(this, bytes);
        }
    }

    /// <summary>One upload's right to be here.</summary>
    public sealed class Place : IDisposable
    {
        private readonly long _bytes;
        private UploadAdmission? _admission;

        internal Place(UploadAdmission admission, long bytes)
        {
            _admission = admission;
            _bytes = bytes;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _admission, null) is { } admission)
            {
                lock (admission._lock)
                {
                    admission._uploads--;
                    admission._bytes -= _bytes;
                }
            }
        }
    }
}
