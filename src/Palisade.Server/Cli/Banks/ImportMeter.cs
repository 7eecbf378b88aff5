using Palisade.Banks.Importing;

namespace Palisade.Server.Cli.Banks;

/// <summary>Shows an import's or export's progress: one bar for each of its passes.</summary>
internal sealed class ImportMeter(Terminal terminal) : IProgress<ImportProgress>, IDisposable
{
    private ImportPhase? _phase;
    private Progress? _progress;

    public void Report(ImportProgress value)
    {
        if (_progress is null || _phase != value.Phase)
        {
            _progress?.Dispose();
            _phase = value.Phase;
            _progress = new Progress(terminal, TimeProvider.System, NameOf(value.Phase), "lines", 0);
        }

        // How many lines there will be is not known; the bytes say how far it is.
        _progress.Total = value.BytesTotal > 0 && value.BytesDone > 0
            ? (long)((double)value.Lines / value.BytesDone * value.BytesTotal)
            : 0;
        _progress.Reach(value.Lines);
    }

    public void Dispose() => _progress?.Dispose();

    private static string NameOf(ImportPhase phase) => phase switch
    {
        ImportPhase.Survey => "Reading",
        ImportPhase.Staging => "Staging",
        _ => "Writing",
    };
}
