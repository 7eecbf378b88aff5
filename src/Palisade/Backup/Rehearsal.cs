using Palisade.Audit;
using Palisade.Storage;
using Palisade.Verification;

namespace Palisade.Backup;

/// <summary>What a rehearsed restore showed.</summary>
/// <param name="Took">From the first byte to the last finding.</param>
/// <param name="Age">How old the backup is: what was acknowledged since would be lost.</param>
public sealed record Rehearsed(Restored Restored, VerificationReport Report, TimeSpan Took, TimeSpan Age);

/// <summary>Restores a backup into a scratch folder, verifies it there, and takes the folder away again.</summary>
public sealed class Rehearsal(BackupSource source, string scratch, TimeProvider clock)
{
    /// <param name="bankKey">A copy of the bank key; null takes the backup's.</param>
    /// <exception cref="StoreUnusableException">The backup is damaged, or there is no bank key to check it with.</exception>
    public async Task<Rehearsed> RunAsync(
        string? bankKey, Action<Finding> found, IProgress<ByteProgress> progress, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        if (Directory.Exists(scratch))
        {
            throw new StoreUnusableException($"The scratch folder {scratch} exists. Name one that does not: it is taken away afterwards.");
        }

        try
        {
            var restored = await new RestoreRun(source, scratch).RunAsync(bankKey, progress, cancellationToken);
            if (restored.NeedsBankKey)
            {
                throw new StoreUnusableException("Without the bank key nothing can be checked. Name a copy of it with --bank-key FILE.");
            }

            var report = await new Verifier(new StoreOptions { Folder = scratch }, clock).RunAsync(found, progress, secret: null, cancellationToken);
            return new Rehearsed(restored, report, clock.GetElapsedTime(began), clock.GetUtcNow() - source.Manifest.TakenAt);
        }
        finally
        {
            if (Directory.Exists(scratch))
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
    }
}
