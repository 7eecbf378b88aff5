using System.Diagnostics.CodeAnalysis;

namespace Palisade.Evidence.Holds.Retention;

/// <summary>The retention file, read and checked: which laws each surface is under, and how long unheld evidence is kept.</summary>
/// <remarks>Immutable. It is read once at start; a changed file takes effect at the next start.</remarks>
public sealed class RetentionBook
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "retention.json";

    /// <summary>What stands for a surface that the file does not name.</summary>
    public const string EverySurface = "defaults";

    public const string DefaultText =
        """
        // How long evidence is kept when nothing holds it. Read once, at start. A hold always wins over what stands here.
        // `palisade retention show` prints the laws that each class stands for, and what follows for each surface.
        {
          "defaults": {
            // The laws that your surfaces are under: us, uk, eu-messages, canada, australia, none.
            "classes": ["us", "uk"],

            // When evidence is destroyed that is not held, by what became of its case: a number of days or years, or "never".
            // A law of the surface's classes that asks for longer, or allows no longer, comes first.
            "destroyAfter": {
              "undecided": "never",        // nobody has decided yet; counts from detection
              "not-confirmed": "30 days",  // decided to be nothing; counts from the decision
              "acted-upon": "372 days",    // removed or restricted, and not reported; counts from the decision
              "reported": "372 days",      // counts from the completed submission
            },
          },

          // A surface of your platform by its name in policy.json, where it differs, such as
          //   "chat-images": { "classes": ["us", "eu-messages"] }
          // Two laws that cannot both be kept on one surface stop the start until `palisade retention choose` records which governs.
          "surfaces": {},

          // Laws that are not shipped, in the form that `palisade retention show --json` prints.
          "classes": {},
        }

        """;

    private readonly SurfaceRetention _usual;
    private readonly IReadOnlyDictionary<string, SurfaceRetention> _surfaces;

    internal RetentionBook(
        SurfaceRetention usual,
        IReadOnlyDictionary<string, SurfaceRetention> surfaces,
        IReadOnlyDictionary<string, RetentionClass> classes)
    {
        _usual = usual;
        _surfaces = surfaces;
        Classes = classes;
    }

    /// <summary>Every class that a surface can name, shipped or the operator's.</summary>
    public IReadOnlyDictionary<string, RetentionClass> Classes { get; }

    /// <summary>The defaults first, then the surfaces that the file names.</summary>
    public IEnumerable<SurfaceRetention> Surfaces => _surfaces.Values.Prepend(_usual);

    /// <summary>What holds for a surface; the defaults where the file does not name it.</summary>
    public SurfaceRetention Of(string surface) =>
        _surfaces.TryGetValue(surface, out var named) ? named : _usual;

    /// <summary>Every pair of duties that exclude each other and that nobody has chosen between.</summary>
    public IReadOnlyList<RetentionConflict> Unsettled(IReadOnlyList<RetentionChoice> choices) =>
    [
        .. from surface in Surfaces
           from conflict in surface.Conflicts
           where !choices.Any(choice => choice.Surface == conflict.Surface && choice.Conflict == conflict.Identity)
           select conflict,
    ];

    public static bool TryParse(string text, [NotNullWhen(true)] out RetentionBook? book, out IReadOnlyList<string> problems)
    {
        var reading = new RetentionReading();
        book = reading.Read(text);
        problems = reading.Problems;
        return book is not null;
    }

    /// <summary>Reads the file, having written the commented default when there is none.</summary>
    /// <exception cref="RetentionFileException">The file has to be changed; the message says where and how.</exception>
    public static async Task<RetentionBook> LoadAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            await File.WriteAllTextAsync(file, DefaultText, cancellationToken);
        }

        var text = await File.ReadAllTextAsync(file, cancellationToken);
        return TryParse(text, out var book, out var problems) ? book : throw new RetentionFileException(file, problems);
    }

    /// <exception cref="RetentionFileException">Two duties exclude each other and nobody has recorded which governs.</exception>
    public void CheckSettled(string file, IReadOnlyList<RetentionChoice> choices)
    {
        if (Unsettled(choices) is { Count: > 0 } conflicts)
        {
            throw new RetentionFileException(file, [.. conflicts.Select(conflict => conflict.ToString())]);
        }
    }
}

/// <summary>The retention file cannot be used; the message lists every problem.</summary>
public sealed class RetentionFileException(string file, IReadOnlyList<string> problems)
    : Exception($"The retention file {file} needs {(problems.Count == 1 ? "a change" : "changes")}:" +
                string.Concat(problems.Select(problem => $"{Environment.NewLine}  {problem}")))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
