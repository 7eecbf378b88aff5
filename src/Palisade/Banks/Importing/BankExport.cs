using System.Buffers;
using System.Text;
using System.Text.Json;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Banks.Importing;

/// <summary>Writes a bank as a list, page by page, so that its size does not matter.</summary>
public sealed class BankExport(Store store, BankKey key, TimeProvider clock)
{
    private const int PageSize = 10_000;

    /// <summary>Everything as our interchange, NDJSON, withdrawn signals as withdrawn lines.</summary>
    /// <returns>How many lines were written.</returns>
    public Task<long> WriteInterchangeAsync(
        BankId bank, Stream output, IProgress<ImportProgress>? progress, CancellationToken cancellationToken) =>
        WriteAsync(bank, output, new InterchangeWriter().Write, progress, cancellationToken);

    /// <summary>The live values of one type, one a line and nothing else: what every other tool reads.</summary>
    /// <inheritdoc cref="WriteInterchangeAsync"/>
    public Task<long> WritePlainAsync(
        BankId bank, SignalType type, Stream output, IProgress<ImportProgress>? progress, CancellationToken cancellationToken) =>
        WriteAsync(
            bank,
            output,
            (signal, lines) =>
            {
                var isWanted = signal.State == SignalState.Live && signal.Value.Type == type;
                if (isWanted)
                {
                    Encoding.ASCII.GetBytes(signal.Value + "\n", lines);
                }

                return isWanted;
            },
            progress,
            cancellationToken);

    private async Task<long> WriteAsync(
        BankId bank,
        Stream output,
        Func<Signal, IBufferWriter<byte>, bool> write,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellationToken)
    {
        using var cipher = key.NewCipher();
        var meter = new ProgressMeter(progress, ImportPhase.Writing, bytesTotal: 0, linesBefore: 0, clock);
        var lines = new ArrayBufferWriter<byte>();
        long written = 0, bytes = 0;
        var last = default(SignalId);
        while (true)
        {
            var after = last;
            var page = await store.ReadAsync(
                connection => SignalTable.PageAsync(connection, bank, after, PageSize, cipher), cancellationToken);
            if (page.Count == 0)
            {
                return written;
            }

            written += page.Count(signal => write(signal, lines));
            await output.WriteAsync(lines.WrittenMemory, cancellationToken);
            bytes += lines.WrittenCount;
            lines.ResetWrittenCount();
            last = page[^1].Id;
            meter.Report(bytes, written, refused: 0);
        }
    }

    private sealed class InterchangeWriter
    {
        private Utf8JsonWriter? _json;

        public bool Write(Signal signal, IBufferWriter<byte> lines)
        {
            InterchangeLine.Write(_json ??= new Utf8JsonWriter(lines), lines, signal);
            return true;
        }
    }
}
