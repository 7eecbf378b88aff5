using System.Globalization;

namespace Palisade.Server.Cli;

/// <summary>
/// Shows how far a long piece of work is, on the error side: a bar with rate and time left on a terminal, and a plain
/// line now and then elsewhere.
/// </summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    private readonly Terminal _terminal;
    private readonly TimeProvider _clock;
    private readonly string _what;
    private readonly string _unit;
    private readonly long _startedAt;
    private long _shownAt;
    private bool _isDrawn;

    /// <param name="what">What is being done, in one or two words.</param>
    /// <param name="unit">What is counted, in the plural.</param>
    /// <param name="total">How many there will be; 0 when nobody knows.</param>
    public Progress(Terminal terminal, TimeProvider clock, string what, string unit, long total)
    {
        _terminal = terminal;
        _clock = clock;
        _what = what;
        _unit = unit;
        Total = total;
        _startedAt = _shownAt = clock.GetTimestamp();
    }

    /// <summary>How many there will be; 0 when nobody knows. May change while the work goes on.</summary>
    public long Total { get; set; }

    public long Done { get; private set; }

    public TimeSpan Elapsed => _clock.GetElapsedTime(_startedAt);

    /// <summary>Says how many are done by now.</summary>
    public void Reach(long done)
    {
        Done = done;
        if (_clock.GetElapsedTime(_shownAt) < (_terminal.IsErrorTerminal ? RedrawEvery : SayEvery))
        {
            return;
        }

        _shownAt = _clock.GetTimestamp();
        if (_terminal.IsErrorTerminal)
        {
            _terminal.Error.Write($"\r\e[2K{Line(Math.Min(30, _terminal.Width - 60))}");
            _isDrawn = true;
        }
        else
        {
            _terminal.Error.WriteLine(Line(barWidth: 0));
        }
    }

    public void Advance() => Reach(Done + 1);

    /// <summary>Takes the bar away, so that something else can be written.</summary>
    public void Clear()
    {
        if (_isDrawn)
        {
            _terminal.Error.Write("\r\e[2K");
            _isDrawn = false;
        }
    }

    public void Dispose() => Clear();

    /// <summary>A duration as people say it: 45 s, 3:05, 1:02:03.</summary>
    public static string Spoken(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 60 => $"{Math.Ceiling(duration.TotalSeconds):0} s",
        < 3600 => $"{duration.Minutes}:{duration.Seconds:00}",
        _ => $"{(long)duration.TotalHours}:{duration.Minutes:00}:{duration.Seconds:00}",
    };

    private string Line(int barWidth)
    {
        var seconds = Math.Max(0.001, Elapsed.TotalSeconds);
        var rate = Done / seconds;
        var rateText = $"{rate.ToString(rate < 10 ? "0.0" : "#,0", CultureInfo.InvariantCulture)} {_unit}/s";
        if (Total <= 0)
        {
            return $"{_what} {Done:#,0} {_unit}, {rateText}";
        }

        var left = rate > 0 && Done < Total ? $", {Spoken(TimeSpan.FromSeconds((Total - Done) / rate))} left" : "";
        var filled = (int)(Math.Min(1, (double)Done / Total) * barWidth);
        var bar = barWidth > 0 ? $"{new string('█', filled)}{new string('░', barWidth - filled)} " : "";
        return $"{_what} {bar}{Done:#,0} of {Total:#,0}, {rateText}{left}";
    }
}
