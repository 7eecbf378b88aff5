using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Palisade.Server.Cli;

/// <summary>
/// Where a verb writes: results on <see cref="Out"/>, everything about the work itself on <see cref="Error"/>.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Columns assumed where there is no terminal to ask: wide enough that no table row wraps.</summary>
    private const int PlainWidth = 180;

    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    public required bool IsOutTerminal { get; init; }

    public required bool IsErrorTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public required int Width { get; init; }

    public static Terminal OfThisProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new Terminal
        {
            Out = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = !Console.IsOutputRedirected },
            Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            IsOutTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            Width = Console.IsOutputRedirected ? PlainWidth : Math.Max(60, Console.WindowWidth),
        };
    }

    /// <summary>A name from outside, safe to print: control and direction characters become \u escapes.</summary>
    public static string Escaped(string name)
    {
        if (!name.EnumerateRunes().Any(IsUnsafe))
        {
            return name;
        }

        var text = new StringBuilder(name.Length + 8);
        Span<char> units = stackalloc char[2];
        foreach (var rune in name.EnumerateRunes())
        {
            var count = rune.EncodeToUtf16(units);
            foreach (var unit in units[..count])
            {
                _ = IsUnsafe(rune)
                    ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}")
                    : text.Append(unit);
            }
        }

        return text.ToString();
    }

    /// <summary>Draws tables on the results' side: in colour on a terminal, as plain text elsewhere.</summary>
    public IAnsiConsole Tables()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Out),
            Ansi = IsOutTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsOutTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = Width;
        return console;
    }

    /// <summary>Says what went wrong and what to do about it.</summary>
    public void Complain(string what) => Error.WriteLine($"palisade: {Escaped(what)}");

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;
}
