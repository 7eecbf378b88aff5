using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Audit.Witnessing;

/// <summary>What a witness answers to a checkpoint (C2SP tlog-witness, add-checkpoint).</summary>
/// <param name="Status">The HTTP status that the protocol gives it.</param>
/// <param name="Body">A cosignature line, a size, or a sentence.</param>
public sealed record WitnessAnswer(int Status, string Body)
{
    internal const int Cosigned = 200;
    internal const int NotUnderstood = 400;
    internal const int NotSigned = 403;
    internal const int UnknownLog = 404;
    internal const int OtherSize = 409;
    internal const int NotConsistent = 422;

    /// <summary>The body is a size, which has a media type of its own.</summary>
    public bool IsSize => Status == OtherSize;
}

/// <summary>
/// Remembers the last checkpoint of each log it knows, and cosigns a newer one only when it is shown that the older is its
/// beginning.
/// </summary>
/// <remarks>
/// One file for each log, replaced whole and synchronised before the answer. What a crash leaves: a checkpoint that was kept
/// and not answered; the log learns it by the next conflict. One process for one folder.
/// </remarks>
public sealed class WitnessBook : IDisposable
{
    private const int MostProofLines = 63;

    private readonly string _folder;
    private readonly SigningKey _key;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, NoteKey> _logs;
    private readonly ConcurrentDictionary<string, Lock> _gates = new(StringComparer.Ordinal);
    private readonly FileStream _owner;

    /// <param name="logs">Public keys of the logs that are cosigned; an origin is its key's name.</param>
    /// <exception cref="IOException">Another process uses the folder.</exception>
    public WitnessBook(string folder, SigningKey key, IReadOnlyList<NoteKey> logs, TimeProvider clock)
    {
        _folder = Path.GetFullPath(folder);
        _key = key;
        _clock = clock;
        _logs = logs.ToDictionary(log => log.Name, StringComparer.Ordinal);
        Storage.StorageFolder.Create(_folder);
        try
        {
            _owner = new FileStream(Path.Combine(_folder, "in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new IOException($"Another witness uses the folder {_folder}. Stop that one, or name another folder with --data.", taken);
        }
    }

    public NoteKey PublicKey => _key.Public;

    public IReadOnlyCollection<NoteKey> Logs => _logs.Values;

    /// <summary>Where the last cosigned checkpoint of a log is served: hexadecimal SHA-256 of its origin.</summary>
    public static string NameOf(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));

    /// <summary>The last cosigned checkpoint; null when there is none by that name.</summary>
    public string? Find(string originHash)
    {
        if (_logs.Keys.FirstOrDefault(origin => NameOf(origin) == originHash) is not { } origin)
        {
            return null;
        }

        var path = PathOf(origin);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

    /// <summary>Answers one add-checkpoint request.</summary>
    public WitnessAnswer Add(string request)
    {
        if (!TryRead(request, out var oldSize, out var proof, out var note) || !Checkpoint.TryParseLines(note.Text, out var checkpoint))
        {
            return new WitnessAnswer(WitnessAnswer.NotUnderstood, "The request is none that tlog-witness describes.\n");
        }

        if (!_logs.TryGetValue(checkpoint.Origin, out var log))
        {
            return new WitnessAnswer(WitnessAnswer.UnknownLog, "This witness does not know the log.\n");
        }

        if (note.IsSignedBy(log) != true)
        {
            return new WitnessAnswer(WitnessAnswer.NotSigned, "The checkpoint is not signed by the log's key.\n");
        }

        if (oldSize > checkpoint.Size)
        {
            return new WitnessAnswer(WitnessAnswer.NotUnderstood, "The old size is larger than the checkpoint's.\n");
        }

        lock (_gates.GetOrAdd(checkpoint.Origin, _ => new Lock()))
        {
            return AddNext(checkpoint, note, oldSize, proof);
        }
    }

    public void Dispose()
    {
        _owner.Dispose();
        _key.Dispose();
    }

    private WitnessAnswer AddNext(Checkpoint checkpoint, SignedNote note, long oldSize, IReadOnlyList<TreeHash> proof)
    {
        var last = ReadLast(checkpoint.Origin);
        if (oldSize != last.Size)
        {
            return new WitnessAnswer(WitnessAnswer.OtherSize, string.Create(CultureInfo.InvariantCulture, $"{last.Size}\n"));
        }

        if ((checkpoint.Size == 0 && checkpoint.Root != TreeHash.Empty) ||
            !ProofCheck.Consistency(oldSize, checkpoint.Size, proof, last.Root, checkpoint.Root))
        {
            return new WitnessAnswer(WitnessAnswer.NotConsistent, "The last checkpoint cosigned here is not shown to be this one's beginning.\n");
        }

        var line = _key.Cosign(note.Text, _clock.GetUtcNow());
        var kept = SignedNote.Create(note.Text, note.LineOf(_logs[checkpoint.Origin])!).With(_key.Public, line);
        DurableFile.Replace(PathOf(checkpoint.Origin), Encoding.UTF8.GetBytes(kept.ToString()));
        return new WitnessAnswer(WitnessAnswer.Cosigned, line + "\n");
    }

    /// <exception cref="InvalidDataException">The witness's own memory is damaged, so nothing is cosigned for this log.</exception>
    private Checkpoint ReadLast(string origin)
    {
        var path = PathOf(origin);
        if (!File.Exists(path))
        {
            return new Checkpoint(origin, 0, TreeHash.Empty);
        }

        return SignedNote.TryParse(File.ReadAllText(path), out var note) && note.IsSignedBy(_key.Public) == true &&
            Checkpoint.TryParse(note.Text, out var checkpoint)
            ? checkpoint
            : throw new InvalidDataException($"The witness's file {path} is damaged. Restore it; a witness that forgets is none.");
    }

    private string PathOf(string origin) => Path.Combine(_folder, NameOf(origin));

    private static bool TryRead(string request, out long oldSize, out List<TreeHash> proof, out SignedNote note)
    {
        (oldSize, proof, note) = (0, [], null!);
        var end = request.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : request[..end].Split('\n');
        if (lines.Length is 0 or > 1 + MostProofLines || !lines[0].StartsWith("old ", StringComparison.Ordinal) ||
            !long.TryParse(lines[0].AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out oldSize) ||
            oldSize.ToString(CultureInfo.InvariantCulture) != lines[0][4..])
        {
            return false;
        }

        foreach (var line in lines.AsSpan(1))
        {
            if (!TreeHash.TryParseBase64(line, out var hash))
            {
                return false;
            }

            proof.Add(hash);
        }

        return SignedNote.TryParse(request[(end + 2)..], out note!);
    }
}
