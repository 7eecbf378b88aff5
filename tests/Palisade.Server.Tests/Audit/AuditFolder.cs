using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Audit;
using Palisade.Server.Options;
using Palisade.Server.Tests.Cli;

namespace Palisade.Server.Tests.Audit;

/// <summary>A data folder with an audit log in it, opened and closed again.</summary>
internal static class AuditFolder
{
    public static Task<Installation> OpenAsync(TemporaryFolder folder, AuditOptions? audit = null) => Installation.OpenAsync(
        new PalisadeOptions { Data = folder["data"], Audit = audit ?? new AuditOptions() },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        TestContext.Current.CancellationToken);

    public static async Task AddAsync(Installation installation, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await installation.Audit.RecordAsync(
                new AuditEntry { Action = "case.opened", Actor = Actor.CommandLine("anna"), Subject = $"case/{i}" },
                TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The checkpoint after signing.</summary>
    public static async Task<string> SignAsync(Installation installation) =>
        await installation.Sequencer.SignAsync(TestContext.Current.CancellationToken) switch
        {
            SigningOutcome.Published published => published.Note,
            SigningOutcome.Unchanged unchanged => unchanged.Note,
            var other => throw new InvalidOperationException(other.ToString()),
        };

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
        }
    }
}
