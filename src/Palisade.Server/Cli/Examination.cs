using System.Globalization;
using System.Runtime.InteropServices;
using Palisade.Decoding;
using Palisade.Evidence.Holds.Retention;
using Palisade.Policy;
using Palisade.Server.Options;
using Palisade.Storage;

namespace Palisade.Server.Cli;

/// <summary>Looks at everything the service needs or can use on this system.</summary>
internal static class Examination
{
    private const long LeastFreeBytes = 256L << 20;
    private const long ComfortableFreeBytes = 4L << 30;


    public static async Task<IReadOnlyList<Finding>> RunAsync(
        PalisadeOptions settings, CancellationToken cancellationToken)
    {
        var findings = new List<Finding> { Runtime() };
        findings.AddRange(await DecoderAsync(settings.Decoder, cancellationToken));
        findings.Add(Library(
            "libturbojpeg", ["libturbojpeg.so.0", "libturbojpeg.so"],
            "JPEGs are decoded by the bundled library alone", "apt-get install libturbojpeg0"));
        findings.Add(Program("ffmpeg", ["ffmpeg"], "nothing yet: videos are not looked into by this version", "apt-get install ffmpeg"));
        findings.Add(Program(
            "Chromium", ["chromium", "chromium-browser", "google-chrome"],
            "nothing yet: only browser tests use it", "apt-get install chromium"));
        findings.Add(await PostgresAsync(settings.StoreOptions, cancellationToken));
        findings.Add(Folder(settings.Data));
        findings.Add(Disk(settings.Data));
        findings.Add(await PolicyAsync(settings, cancellationToken));
        findings.Add(await RetentionAsync(settings, cancellationToken));
        findings.AddRange(await KeyFindings.AllAsync(settings, cancellationToken));
        return findings;
    }

    private static Finding Runtime() => Environment.Version.Major >= 10
        ? new Finding(".NET", PartState.Present, RuntimeInformation.FrameworkDescription)
        : new Finding(".NET", PartState.Broken, RuntimeInformation.FrameworkDescription, "the service does not run", "install .NET 10");

    private static async Task<IEnumerable<Finding>> DecoderAsync(DecoderOptions options, CancellationToken cancellationToken)
    {
        SandboxReport report;
        IReadOnlyList<string> formats;
        try
        {
            await using var pool = new DecoderPool(
                options with { Workers = 1, Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles },
                TimeProvider.System,
                Microsoft.Extensions.Logging.Abstractions.NullLogger<DecoderPool>.Instance);
            await pool.StartAsync(cancellationToken);
            (report, formats) = (pool.Sandbox, pool.Formats);
        }
        catch (SandboxUnavailableException exception)
        {
            return [new Finding("decoder", PartState.Broken, exception.Message, "no picture can be read", $"check {options.ProgramFolder}")];
        }

        var findings = new List<Finding>
        {
            report.IsConfined || options.Sandbox != SandboxRequirement.Required
                ? new Finding("decoder", PartState.Present, $"reads {string.Join(", ", formats)}")
                : new Finding(
                    "decoder", PartState.Broken, "no sandbox layer is active",
                    "serve refuses to start outside development", "add one of the layers below"),
        };
        findings.AddRange(report.Layers.Select(layer => layer.IsActive
            ? new Finding(Words.Of(layer.Layer), PartState.Present, "active around each decoder worker")
            : new Finding(Words.Of(layer.Layer), PartState.Missing, layer.WhyNot ?? "not active", layer.Cost, layer.Remedy)));
        findings.Add(formats.Contains("heic", StringComparer.Ordinal)
            ? new Finding("HEIC", PartState.Present, "decoded")
            : new Finding(
                "HEIC", PartState.Missing, "no HEVC decoder in the bundled library",
                "HEIC pictures are undecodable: digests still match, and policy decides", "convert them before upload"));
        return findings;
    }

    private static Finding Library(string part, string[] names, string cost, string remedy)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                NativeLibrary.Free(handle);
                return new Finding(part, PartState.Present, name);
            }
        }

        return new Finding(part, PartState.Missing, "not found", cost, remedy);
    }

    private static Finding Program(string part, string[] names, string cost, string remedy) =>
        names.Select(FindProgram).FirstOrDefault(path => path is not null) is { } found
            ? new Finding(part, PartState.Present, found)
            : new Finding(part, PartState.Missing, "not on the PATH", cost, remedy);

    private static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    private static async Task<Finding> PostgresAsync(StoreOptions options, CancellationToken cancellationToken)
    {
        const string Part = "PostgreSQL";
        if (options.Postgres is null)
        {
            var server = Directory.Exists("/usr/lib/postgresql")
                ? Directory.EnumerateFiles("/usr/lib/postgresql", "postgres", SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault()
                : null;
            server ??= FindProgram("postgres");
            return server is not null
                ? new Finding(Part, PartState.Present, $"{server}; not used: records are in SQLite")
                : new Finding(
                    Part, PartState.Missing, "not installed; records are in SQLite",
                    "one machine serves, and the store's tests on PostgreSQL are skipped", "apt-get install postgresql");
        }

        try
        {
            await using var connection = new Npgsql.NpgsqlConnection(options.Postgres);
            await connection.OpenAsync(cancellationToken);
            return new Finding(Part, PartState.Present, $"answers, version {connection.PostgreSqlVersion}");
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or System.Net.Sockets.SocketException or TimeoutException)
        {
            return new Finding(
                Part, PartState.Broken, $"configured, and does not answer: {exception.Message}",
                "the service does not start", "start it, or mend the connection string in the settings");
        }
    }

    private static Finding Folder(string folder)
    {
        const string Part = "data folder";
        var path = Path.GetFullPath(folder);
        if (!Directory.Exists(path))
        {
            return new Finding(Part, PartState.Missing, $"{path} is not there yet", "nothing: it is made when first needed", "palisade serve");
        }

        try
        {
            var probe = Path.Combine(path, $".doctor-{Guid.NewGuid():n}");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                // Writing there is possible; the file is gone again.
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Finding(Part, PartState.Broken, $"{path} cannot be written", "the service does not start", $"chown it to {Environment.UserName}");
        }

        const UnixFileMode Others =
            UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None
            ? new Finding(Part, PartState.Missing, $"{path} can be entered by other users", "keys and records are less private", $"chmod 700 {path}")
            : new Finding(Part, PartState.Present, path);
    }

    private static Finding Disk(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        var free = new DriveInfo(existing).AvailableFreeSpace;
        var detail = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):0.0} GiB free");
        return free switch
        {
            < LeastFreeBytes => new Finding("disk", PartState.Broken, detail, "records may not be kept, and uploads are then refused", "free some space"),
            < ComfortableFreeBytes => new Finding("disk", PartState.Missing, detail, "little room for records and backups", "free some space"),
            _ => new Finding("disk", PartState.Present, detail),
        };
    }

    private static async Task<Finding> PolicyAsync(PalisadeOptions settings, CancellationToken cancellationToken)
    {
        var file = Path.Combine(settings.Data, PolicyBook.FileName);
        if (!File.Exists(file))
        {
            return new Finding("policy", PartState.Missing, "no policy file yet", "nothing: the default is written when first needed", "palisade policy show");
        }

        return PolicyBook.TryParse(await File.ReadAllTextAsync(file, cancellationToken), out var book, out var problems)
            ? new Finding("policy", PartState.Present, $"services {string.Join(", ", book.Services)}")
            : new Finding("policy", PartState.Broken, string.Join("; ", problems), "the service does not start", $"edit {file}");
    }

    /// <summary>Looks at the laws of each surface. Choices between two of them are in the store, which is not made for this.</summary>
    private static async Task<Finding> RetentionAsync(PalisadeOptions settings, CancellationToken cancellationToken)
    {
        const string Part = "retention";
        const string Cost = "the service does not start, and no evidence is destroyed";
        var file = Path.Combine(settings.Data, RetentionBook.FileName);
        if (!File.Exists(file))
        {
            return new Finding(Part, PartState.Missing, "no retention file yet", "nothing: the default is written when first needed", "palisade retention show");
        }

        if (!RetentionBook.TryParse(await File.ReadAllTextAsync(file, cancellationToken), out var book, out var problems))
        {
            return new Finding(Part, PartState.Broken, string.Join("; ", problems), Cost, $"edit {file}");
        }

        if (book.Unsettled([]).Count > 0)
        {
            await using var records = await Installation.OpenAsync(
                settings, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, cancellationToken);
            if (book.Unsettled(await records.RetentionChoices.ListAsync(cancellationToken)) is { Count: > 0 } conflicts)
            {
                return new Finding(
                    Part, PartState.Broken, string.Join("; ", conflicts), Cost, $"edit {file}, or record which governs: palisade retention choose");
            }
        }

        var policy = Path.Combine(settings.Data, PolicyBook.FileName);
        if (File.Exists(policy) && PolicyBook.TryParse(await File.ReadAllTextAsync(policy, cancellationToken), out var services, out _) &&
            book.Surfaces.Select(one => one.Surface).Except(services.Services.Append(RetentionBook.EverySurface), StringComparer.Ordinal).ToList()
                is { Count: > 0 } strangers)
        {
            return new Finding(
                Part, PartState.Missing, $"no service in {PolicyBook.FileName} is called {string.Join(" or ", strangers)}",
                "nothing if that service is no more; else its evidence is kept by the defaults", $"correct the name in {file}");
        }

        return new Finding(
            Part, PartState.Present, $"laws {string.Join(", ", book.Surfaces.SelectMany(one => one.Classes).Select(one => one.Name).Distinct(StringComparer.Ordinal))}");
    }
}
