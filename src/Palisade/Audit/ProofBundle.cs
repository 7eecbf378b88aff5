using System.Globalization;
using System.Text;
using System.Text.Json;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Audit;

/// <summary>
/// Entries of the log with everything that proves them, as files: for a custody packet, and for whoever asks what happened.
/// Described in docs/reference/audit-log.md; <c>verify.py</c> reads it with nothing but Python.
/// </summary>
public static class ProofBundle
{
    public const string CheckpointName = "checkpoint";
    public const string LogKeyName = "log.pub";
    public const string WitnessKeysName = "witnesses.pub";
    public const string EntriesName = "entries.jsonl";
    public const string EarlierName = "earlier.jsonl";
    public const string VerifierName = "verify.py";

    /// <summary>The independent verifier, as text; goes beside the folder of proofs.</summary>
    public static string ReadVerifier()
    {
        using var reader = new StreamReader(typeof(ProofBundle).Assembly.GetManifestResourceStream(VerifierName)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Writes the proofs of some entries into a folder, which is made when it is not there.</summary>
    /// <param name="numbers">Entries of the checkpoint.</param>
    /// <param name="note">A checkpoint with its signatures, whose tiles are in the folder of the sequencer.</param>
    /// <param name="earlier">Checkpoints that somebody noted before; each is proved to be the log's beginning.</param>
    /// <exception cref="ArgumentException">An entry is not in the checkpoint, or one of the checkpoints is not this log's.</exception>
    public static async Task WriteAsync(
        string folder,
        AuditSequencer sequencer,
        string note,
        IReadOnlyCollection<long> numbers,
        IReadOnlyList<string> earlier,
        CancellationToken cancellationToken)
    {
        var checkpoint = Open(note, sequencer);
        var tree = new TiledTree(sequencer.Tiles, checkpoint.Size);
        var entries = new StringBuilder();
        foreach (var number in numbers.Distinct().Order())
        {
            if (number < 1 || number > checkpoint.Size)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"Entry {number} is not in the checkpoint of {checkpoint.Size} entries."),
                    nameof(numbers));
            }

            entries.Append(JsonSerializer.Serialize(new
            {
                index = number - 1,
                leaf = Convert.ToBase64String(tree.Leaf(number - 1)),
                proof = tree.ProveInclusion(number - 1).Select(hash => hash.ToString()),
            })).Append('\n');
        }

        var olderOnes = new StringBuilder();
        foreach (var older in earlier)
        {
            olderOnes.Append(JsonSerializer.Serialize(new
            {
                checkpoint = older,
                proof = tree.ProveConsistency(Open(older, sequencer).Size).Select(hash => hash.ToString()),
            })).Append('\n');
        }

        Directory.CreateDirectory(folder);
        await WriteAsync(CheckpointName, note);
        await WriteAsync(LogKeyName, sequencer.PublicKey + "\n");
        await WriteAsync(EntriesName, entries.ToString());
        if (sequencer.Witnesses.Count > 0)
        {
            await WriteAsync(WitnessKeysName, string.Concat(sequencer.Witnesses.Select(key => key + "\n")));
        }

        if (earlier.Count > 0)
        {
            await WriteAsync(EarlierName, olderOnes.ToString());
        }

        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(folder, name), text, cancellationToken);
    }

    /// <summary>One entry's proof in the form of C2SP tlog-proof.</summary>
    public static string WriteProof(AuditSequencer sequencer, string note, long number)
    {
        var tree = new TiledTree(sequencer.Tiles, Open(note, sequencer).Size);
        var proof = string.Concat(tree.ProveInclusion(number - 1).Select(hash => hash + "\n"));
        return string.Create(CultureInfo.InvariantCulture, $"c2sp.org/tlog-proof@v1\nindex {number - 1}\n{proof}\n{note}");
    }

    private static Checkpoint Open(string note, AuditSequencer sequencer) =>
        sequencer.PublicKey is { } key && Checkpoint.TryOpen(note, key, out var checkpoint)
            ? checkpoint
            : throw new ArgumentException("The checkpoint is not signed by this log's key.", nameof(note));
}
