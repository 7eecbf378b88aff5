using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>One question on its way to a worker, and its asker's answer.</summary>
internal abstract class DecoderJob(MessageKind question, byte[] prefix, ReadOnlyMemory<byte> body, int maxAnswerBytes)
{
    private int _isTaken;

    public MessageKind Question { get; } = question;

    public byte[] Prefix { get; } = prefix;

    public ReadOnlyMemory<byte> Body { get; } = body;

    public int MaxAnswerBytes { get; } = maxAnswerBytes;

    /// <summary>False when the asker gave up while the job was waiting. A job that has begun is finished.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref _isTaken, 1) == 0;

    /// <summary>Hands the answer over, or returns false where it makes no sense.</summary>
    public abstract bool TryUnderstand(MessageKind kind, byte[] answer);

    public abstract void Fail(WorkerDeath death);

    /// <summary>The pool closes before the job's turn.</summary>
    public abstract void Abandon();
}

/// <summary>A job with an answer of one type.</summary>
internal abstract class DecoderJob<TAnswer>(
    MessageKind question, byte[] prefix, ReadOnlyMemory<byte> body, int maxAnswerBytes)
    : DecoderJob(question, prefix, body, maxAnswerBytes)
{
    protected TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Abandon() => Answer.TrySetException(new ObjectDisposedException(nameof(DecoderPool)));

    /// <summary>
    /// Waits. Giving up ends a job that still waits; one that has begun is finished first, because a worker is reading
    /// the asker's bytes.
    /// </summary>
    public async Task<TAnswer> WaitAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() =>
        {
            if (TryBegin())
            {
                Answer.TrySetCanceled(cancellationToken);
            }
        });
        var answer = await Answer.Task;
        cancellationToken.ThrowIfCancellationRequested();
        return answer;
    }
}

/// <summary>Asks for an upload's fingerprints.</summary>
internal sealed class DecodeJob(ReadOnlyMemory<byte> upload, bool wantsNn512) : DecoderJob<DecodeOutcome>(
    MessageKind.Decode, DecodeRequest.Header(wantsNn512 ? DecodeWish.Both : DecodeWish.FullAlone), upload,
    Math.Max(DecodedPicture.MaxBytes, Failure.Bytes))
{
    public override bool TryUnderstand(MessageKind kind, byte[] answer)
    {
        var outcome = kind == MessageKind.Decoded
            ? DecoderAnswers.Understand(Checked(DecodedPicture.TryRead(answer)))
            : DecoderAnswers.Understand(Failure.TryRead(answer));
        return outcome is not null && Answer.TrySetResult(outcome);
    }

    public override void Fail(WorkerDeath death) => Answer.TrySetResult(DecoderAnswers.Of(death));

    /// <summary>Every frame has the profiles that were asked for, and exactly, or it is no answer.</summary>
    private DecodedPicture? Checked(DecodedPicture? picture) =>
        picture is null || picture.IsEstimate || picture.Frames.Any(frame => frame.Nn512.HasValue != wantsNn512)
            ? null
            : picture;
}

/// <summary>Asks for an estimate of an upload's fingerprint, or where there is none for the fingerprint itself.</summary>
internal sealed class PrescreenJob(ReadOnlyMemory<byte> upload) : DecoderJob<PrescreenOutcome>(
    MessageKind.Decode, DecodeRequest.Header(DecodeWish.Prescreen), upload,
    Math.Max(DecodedPicture.MaxBytes, Failure.Bytes))
{
    public override bool TryUnderstand(MessageKind kind, byte[] answer)
    {
        if (kind != MessageKind.Decoded)
        {
            return TryEnd(DecoderAnswers.Understand(Failure.TryRead(answer)));
        }

        var picture = DecodedPicture.TryRead(answer);
        if (picture is null || picture.Frames.Any(frame => frame.Nn512 is not null))
        {
            return false;
        }

        return picture.IsEstimate
            ? Answer.TrySetResult(new PrescreenOutcome.Estimated(new PictureEstimate(picture.Frames[0].Full)))
            : TryEnd(DecoderAnswers.Understand(picture));
    }

    public override void Fail(WorkerDeath death) => TryEnd(DecoderAnswers.Of(death));

    private bool TryEnd(DecodeOutcome? outcome) =>
        outcome is not null && Answer.TrySetResult(new PrescreenOutcome.Exact(outcome));
}

/// <summary>Asks for a picture of our own making as a file.</summary>
internal sealed class EncodeJob(EncodeRequest request, ReadOnlyMemory<byte> rgb)
    : DecoderJob<byte[]>(MessageKind.Encode, Header(request), rgb, MaxEncodedBytes(request))
{
    public override bool TryUnderstand(MessageKind kind, byte[] answer) => kind == MessageKind.Encoded
        ? Answer.TrySetResult(answer)
        : Answer.TrySetException(
            new InvalidOperationException("The decoder could not encode the picture; make it smaller."));

    public override void Fail(WorkerDeath death) =>
        Answer.TrySetException(
            new InvalidOperationException($"The decoder's worker ended while it encoded ({death}); try again."));

    private static byte[] Header(EncodeRequest request)
    {
        var header = new byte[EncodeRequest.HeaderBytes];
        request.WriteTo(header);
        return header;
    }

    /// <summary>No form is larger than the pixels themselves and some change.</summary>
    private static int MaxEncodedBytes(EncodeRequest request) =>
        (int)Math.Min(int.MaxValue, ((long)request.Width * request.Height * 4) + (1 << 20));
}
