using Palisade.Decoder.Contract;

namespace Palisade.Decoding;

/// <summary>What the sandboxed decoder found of an upload's regions.</summary>
public abstract record RegionOutcome
{
    private RegionOutcome()
    {
    }

    /// <summary>The parts that were asked for. Everything in it came from the sandbox and was checked for bounds.</summary>
    public sealed record Found(RegionAnswer Regions) : RegionOutcome;

    /// <summary>It could not be read, or never is: what a scan says of the same file, and never clean.</summary>
    public sealed record Unread(DecodeOutcome Why) : RegionOutcome;
}

/// <summary>Asks for an upload's regions.</summary>
internal sealed class RegionJob(RegionParts parts, ReadOnlyMemory<byte> upload) : DecoderJob<RegionOutcome>(
    MessageKind.Regions, new RegionRequest(parts).ToHeader(), upload, Math.Max(RegionAnswer.MaxBytes, Failure.Bytes))
{
    public override bool TryUnderstand(MessageKind kind, byte[] answer)
    {
        if (kind == MessageKind.RegionsFound)
        {
            return RegionAnswer.TryRead(answer, parts) is { } regions && Answer.TrySetResult(new RegionOutcome.Found(regions));
        }

        return DecoderAnswers.Understand(Failure.TryRead(answer)) is { } why &&
            Answer.TrySetResult(new RegionOutcome.Unread(why));
    }

    public override void Fail(WorkerDeath death) =>
        Answer.TrySetResult(new RegionOutcome.Unread(DecoderAnswers.Of(death)));
}
