using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>What the sandboxed decoder read of an upload's origin.</summary>
public abstract record ProvenanceOutcome
{
    private ProvenanceOutcome()
    {
    }

    /// <summary>Everything in it came from the sandbox and was checked for bounds.</summary>
    public sealed record Read(ProvenanceAnswer Answer) : ProvenanceOutcome;

    /// <summary>It could not be read, which says nothing about its origin.</summary>
    public sealed record Unread(DecodeOutcome Why) : ProvenanceOutcome;
}

/// <summary>Asks what an upload declares of its origin.</summary>
internal sealed class ProvenanceJob(ProvenanceRequest request, ReadOnlyMemory<byte> upload)
    : DecoderJob<ProvenanceOutcome>(
        MessageKind.Provenance, request.ToHeader(), upload, Math.Max(ProvenanceAnswer.MaxBytes, Failure.Bytes))
{
    public override bool TryUnderstand(MessageKind kind, byte[] answer)
    {
        if (kind == MessageKind.ProvenanceRead)
        {
            return ProvenanceAnswer.TryRead(answer) is { } read && Answer.TrySetResult(new ProvenanceOutcome.Read(read));
        }

        return DecoderAnswers.Understand(Failure.TryRead(answer)) is { } why &&
            Answer.TrySetResult(new ProvenanceOutcome.Unread(why));
    }

    public override void Fail(WorkerDeath death) =>
        Answer.TrySetResult(new ProvenanceOutcome.Unread(DecoderAnswers.Of(death)));
}
