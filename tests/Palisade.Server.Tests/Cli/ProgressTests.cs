using Microsoft.Extensions.Time.Testing;
using Palisade.Server.Cli;

namespace Palisade.Server.Tests.Cli;

public sealed class ProgressTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Without_a_terminal_it_says_how_far_it_is_now_and_then_and_draws_nothing()
    {
        using var progress = new Progress(TerminalOf(isTerminal: false), _clock, "Scanning", "files", 100);

        for (var second = 1; second <= 20; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            progress.Reach(2 * second);
        }

        var lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Scanning 20 of 100, 2.0 files/s, 40 s left", "Scanning 40 of 100, 2.0 files/s, 30 s left"], lines);
    }

    [Fact]
    public void On_a_terminal_the_bar_is_redrawn_in_place_and_taken_away_at_the_end()
    {
        using (var progress = new Progress(TerminalOf(isTerminal: true), _clock, "Scanning", "files", 100))
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            progress.Reach(50);
        }

        Assert.Contains("█", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("50 of 100, 10 files/s, 5 s left", _error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\r\e[2K", _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', _error.ToString());
    }

    public void Dispose() => _error.Dispose();

    private Terminal TerminalOf(bool isTerminal) => new()
    {
        Out = TextWriter.Null,
        Error = _error,
        IsOutTerminal = isTerminal,
        IsErrorTerminal = isTerminal,
        Width = 100,
    };
}
