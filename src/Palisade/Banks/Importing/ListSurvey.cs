using System.Security.Cryptography;

namespace Palisade.Banks.Importing;

/// <summary>What a first reading of the whole list tells, before anything is written.</summary>
internal sealed record ListSurvey(byte[] Sha256, long Bytes, long Lines, long PdqValues, long OddPdqValues, long? AmbiguousLine)
{
    private const int LinesBetweenReports = 50_000;

    /// <summary>
    /// Refuses a list that cannot be what it claims: more than 10 % odd counts of set bits, where true PDQ has nearly none
    /// and random bits have half.
    /// </summary>
    public BankRefused? Refuse(ImportOptions options) =>
        Bytes > options.MaxFileBytes ? new BankRefused.FileTooLarge(Bytes, options.MaxFileBytes)
        : AmbiguousLine is { } line ? new BankRefused.TypeNeeded(line)
        : OddPdqValues * 10 > PdqValues ? new BankRefused.NotPdq(PdqValues, OddPdqValues)
        : null;

    public static async Task<ListSurvey> TakeAsync(
        FileStream file, ImportOptions options, ProgressMeter meter, CancellationToken cancellationToken)
    {
        if (file.Length > options.MaxFileBytes)
        {
            return new ListSurvey([], file.Length, 0, 0, 0, null);
        }

        var sha256 = await SHA256.HashDataAsync(file, cancellationToken);
        var reader = new LineReader(file);
        reader.Seek(0, 0);
        var parser = new ListParser(options);
        long pdq = 0, odd = 0;
        while (reader.TryRead(out var bytes))
        {
            var line = reader.IsTooLong ? ListLine.Nothing : parser.Parse(bytes);
            if (line.Kind == LineKind.Ambiguous)
            {
                return new ListSurvey(sha256, file.Length, reader.LineNumber, pdq, odd, reader.LineNumber);
            }

            if (line.Kind == LineKind.Signal && line.Value.Type == SignalType.Pdq)
            {
                pdq++;
                odd += line.Value.Pdq.PopCount & 1;
            }

            if (reader.LineNumber % LinesBetweenReports == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                meter.Report(reader.Position, reader.LineNumber, refused: 0);
            }
        }

        meter.Report(reader.Position, reader.LineNumber, refused: 0);
        return new ListSurvey(sha256, file.Length, reader.LineNumber, pdq, odd, null);
    }
}

/// <summary>Tells a listener how far a pass over a file has come, and how fast.</summary>
internal sealed class ProgressMeter(
    IProgress<ImportProgress>? listener, ImportPhase phase, long bytesTotal, long linesBefore, TimeProvider clock)
{
    private readonly long _began = clock.GetTimestamp();

    public void Report(long bytes, long lines, long refused)
    {
        var seconds = clock.GetElapsedTime(_began).TotalSeconds;
        listener?.Report(new ImportProgress(
            phase, bytes, bytesTotal, lines, refused, seconds > 0 ? (lines - linesBefore) / seconds : 0));
    }
}
