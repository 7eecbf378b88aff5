using Palisade.Decoder.Contract;
using Palisade.Decoding;
using Palisade.Signals.Pdq;

namespace Palisade.Decoder.Tests;

/// <summary>T2.5: what a worker in an enemy's hands may answer. No hash is ever taken from such an answer.</summary>
public sealed class MisbehavingWorkerTests
{
    /// <summary>Reads the request (20 bytes of header, 1 of what is asked and 3 of upload), then sends the prepared answer and lingers.</summary>
    private const string AnswerOnce = "/usr/bin/head -c 24 > /dev/null\n/bin/cat $folder/answer\n/bin/cat > /dev/null";

    public static TheoryData<string, byte[]> Answers => new()
    {
        { "garbage", [.. Enumerable.Repeat((byte)0xA5, 4_000)] },
        { "another request's answer", FakeWorker.Message(MessageKind.Decoded, 7, Picture().ToBytes()) },
        { "an answer and then some", [.. FakeWorker.Message(MessageKind.Decoded, 1, Picture().ToBytes()), 1, 2, 3] },
        { "an answer that claims two gigabytes", Claiming(int.MaxValue) },
        { "an answer of a negative length", Claiming(-1) },
        { "an answer to another question", FakeWorker.Message(MessageKind.Encoded, 1, Picture().ToBytes()) },
        { "a picture without an end", FakeWorker.Message(MessageKind.Decoded, 1, Picture().ToBytes()[..^1]) },
        { "a quality of 101", FakeWorker.Message(MessageKind.Decoded, 1, Changed(Picture().ToBytes(), 16 + 4 + 256, 101)) },
        { "a width of nothing", FakeWorker.Message(MessageKind.Decoded, 1, (Picture() with { Width = 0 }).ToBytes()) },
        { "an orientation of nine", FakeWorker.Message(MessageKind.Decoded, 1, (Picture() with { ExifOrientation = 9 }).ToBytes()) },
        { "a form that does not exist", FakeWorker.Message(MessageKind.Decoded, 1, (Picture() with { Form = (PictureForm)8 }).ToBytes()) },
        { "a picture without a profile that was asked for", FakeWorker.Message(MessageKind.Decoded, 1, WithoutNn512().ToBytes()) },
        { "no frames", FakeWorker.Message(MessageKind.Decoded, 1, (Picture() with { Frames = [] }).ToBytes()) },
        { "a failure for no reason", FakeWorker.Message(MessageKind.Failed, 1, new byte[Failure.Bytes]) },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_that_makes_no_sense_is_thrown_away_with_its_worker(string what, byte[] answer)
    {
        using var worker = new FakeWorker(AnswerOnce, answer);
        await using var pool = await worker.StartPoolAsync(TimeProvider.System);
        var firstProcess = Assert.Single(pool.ProcessIds);

        var outcome = await pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);
        var next = await pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);

        Assert.True(
            outcome is DecodeOutcome.Undecodable { Reason: UndecodableReason.MalformedAnswer }, $"{what} gave {outcome}");
        Assert.IsType<DecodeOutcome.Undecodable>(next);
        Assert.DoesNotContain(firstProcess, pool.ProcessIds);
        Assert.Equal(2, pool.DeathsBy(WorkerDeath.MalformedAnswer));
    }

    [Fact]
    public async Task A_worker_that_answers_too_slowly_is_ended_and_replaced()
    {
        using var worker = new FakeWorker("/bin/cat > /dev/null", []);
        await using var pool = await worker.StartPoolAsync(TimeProvider.System);

        var outcome = await pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);

        Assert.Equal(UndecodableReason.TimedOut, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
        Assert.Equal(1, pool.DeathsBy(WorkerDeath.TimedOut));
    }

    [Fact]
    public async Task A_worker_that_fills_its_error_pipe_is_not_blocked_and_not_believed()
    {
        using var worker = new FakeWorker("/usr/bin/head -c 24 > /dev/null\n/usr/bin/head -c 1000000 /dev/zero >&2\n/bin/cat $folder/answer\n/bin/cat > /dev/null", FakeWorker.Message(MessageKind.Decoded, 1, Picture().ToBytes()));
        await using var pool = await worker.StartPoolAsync(TimeProvider.System);

        var outcome = await pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);

        Assert.IsType<DecodeOutcome.Decoded>(outcome);
    }

    [Fact]
    public async Task A_worker_that_dies_takes_nothing_with_it()
    {
        using var worker = new FakeWorker("/usr/bin/head -c 24 > /dev/null\nkill -9 $$", []);
        await using var pool = await worker.StartPoolAsync(TimeProvider.System);

        var outcome = await pool.DecodeAsync(new byte[3], TestContext.Current.CancellationToken);

        Assert.Equal(UndecodableReason.WorkerCrashed, Assert.IsType<DecodeOutcome.Undecodable>(outcome).Reason);
        Assert.Equal(1, pool.DeathsBy(WorkerDeath.Crashed));
    }

    private static DecodedPicture Picture() =>
        new(PictureForm.Jpeg, 640, 480, 1, false, 1, [new DecodedFrame(0, new PdqFingerprint(default, 90), new PdqFingerprint(default, 90))]);

    private static DecodedPicture WithoutNn512() =>
        Picture() with { Frames = [Picture().Frames[0] with { Nn512 = null }] };

    private static byte[] Claiming(int length)
    {
        var header = new byte[MessageHeader.Size];
        new MessageHeader(MessageKind.Decoded, 1, length).WriteTo(header);
        return header;
    }

    private static byte[] Changed(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }
}
