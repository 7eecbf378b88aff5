using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Evidence.Custody;

/// <summary>What the check of a packet showed.</summary>
/// <param name="Witnesses">Names of the witnesses that cosigned the checkpoint.</param>
public sealed record PacketReport(PacketManifest? Manifest, int Events, IReadOnlyList<string> Witnesses, IReadOnlyList<string> Problems)
{
    public bool IsWhole => Problems.Count == 0;
}

/// <summary>
/// Checks a custody packet as its own script does: files against the manifest, entries against the checkpoint, the checkpoint
/// against the log's key, the release against the entry that announced it. Needs no data folder.
/// </summary>
public static class PacketVerification
{
    /// <summary>A text file of a packet with more than this is nobody's we know.</summary>
    private const long MostTextBytes = 256L << 20;

    /// <param name="trustedKey">The log's public key as it was got by another way; null takes the packet's own.</param>
    public static PacketReport Check(string path, string? trustedKey)
    {
        var problems = new List<string>();
        PacketManifest? manifest = null;
        var (events, witnesses) = (0, (IReadOnlyList<string>)[]);
        try
        {
            using var zip = ZipFile.OpenRead(path);
            manifest = JsonSerializer.Deserialize<PacketManifest>(Read(zip, PacketManifest.FileName), PacketManifest.Layout)!;
            if (manifest.Format != PacketManifest.CurrentFormat)
            {
                throw new InvalidDataException("it is a packet of another format");
            }

            CheckFiles(zip, manifest, problems);
            var (checkpoint, cosigners) = OpenCheckpoint(zip, trustedKey);
            witnesses = cosigners;
            var proven = CheckEvents(zip, checkpoint, problems);
            events = proven.Count;
            CheckRelease(zip, manifest, proven, problems);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException or FormatException or CryptographicException or ArgumentException)
        {
            problems.Add(error is InvalidDataException ? error.Message : "a part of it cannot be read");
        }

        return new PacketReport(manifest, events, witnesses, problems);
    }

    private static void CheckFiles(ZipArchive zip, PacketManifest manifest, List<string> problems)
    {
        var listed = manifest.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName == PacketManifest.FileName)
            {
                continue;
            }

            if (!listed.Remove(entry.FullName, out var file))
            {
                problems.Add($"{entry.FullName} does not belong to the packet, or is in it twice");
                continue;
            }

            using var stream = entry.Open();
            if (entry.Length != file.Size || Convert.ToHexStringLower(SHA256.HashData(stream)) != file.Sha256)
            {
                problems.Add($"{entry.FullName} was changed");
            }
        }

        problems.AddRange(listed.Keys.Select(name => $"{name} is missing"));
    }

    private static (Checkpoint Checkpoint, IReadOnlyList<string> Witnesses) OpenCheckpoint(ZipArchive zip, string? trustedKey)
    {
        if (!NoteKey.TryParse(trustedKey ?? ReadText(zip, CustodyEvents.KeyName), out var key))
        {
            throw new InvalidDataException("the log's public key cannot be read");
        }

        var text = ReadText(zip, CustodyEvents.CheckpointName);
        if (!Checkpoint.TryOpen(text, key, out var checkpoint) || !SignedNote.TryParse(text, out var note))
        {
            throw new InvalidDataException("the checkpoint is not signed by the log's key");
        }

        var witnesses = new List<string>();
        foreach (var line in ReadText(zip, CustodyEvents.WitnessName).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (NoteKey.TryParse(line, out var witness) && note.IsSignedBy(witness) is { } isRight)
            {
                witnesses.Add(isRight ? witness.Name : throw new InvalidDataException($"the signature of {witness.Name} on the checkpoint is wrong"));
            }
        }

        return (checkpoint, witnesses);
    }

    private static List<AuditRecord> CheckEvents(ZipArchive zip, Checkpoint checkpoint, List<string> problems)
    {
        var records = new List<AuditRecord>();
        foreach (var proven in CustodyEvents.FromBytes(Read(zip, CustodyEvents.FileName)))
        {
            var leaf = Encoding.UTF8.GetBytes(proven.Leaf);
            var proof = proven.Proof.Select(step => TreeHash.TryParseBase64(step, out var hash) ? hash : throw new FormatException()).ToList();
            var record = AuditRecord.FromLeaf(leaf);
            if (record.Number != proven.Index + 1 ||
                !ProofCheck.Inclusion(TreeHash.OfLeaf(leaf), proven.Index, checkpoint.Size, proof, checkpoint.Root))
            {
                problems.Add($"log entry {proven.Index + 1} is not proven");
            }

            records.Add(record);
        }

        return records;
    }

    private static void CheckRelease(ZipArchive zip, PacketManifest manifest, List<AuditRecord> events, List<string> problems)
    {
        var statement = Read(zip, ReleaseStatement.FileName);
        var lines = Encoding.ASCII.GetString(statement).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < 4 || lines[0] != ReleaseStatement.Version || lines[1] != $"case {manifest.Case}" || lines[2] != $"to {manifest.To}")
        {
            throw new InvalidDataException($"{ReleaseStatement.FileName} is about something else than the manifest");
        }

        var announced = events.Find(entry => entry.Number == manifest.LogEntry);
        if (announced is not { Action: "evidence.release-begun", Digest: { } digest } || announced.Subject != $"case/{manifest.Case}" ||
            !digest.AsSpan().SequenceEqual(SHA256.HashData(statement)))
        {
            problems.Add("the log does not announce this release");
        }

        var files = manifest.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var isSealed = manifest.To == new Recipient.Sealed().Words;
        foreach (var line in lines[3..])
        {
            var words = line.Split(' ');
            if (words is not ["evidence", var id, "sealed", var sealedSha256, "facts", var factsSha256])
            {
                throw new InvalidDataException($"{ReleaseStatement.FileName} has a line of another form");
            }

            var made = events.Find(entry => entry.Action == "evidence.sealed" && entry.Subject == $"evidence/{id}");
            if (made?.Digest is not { } kept || Convert.ToHexStringLower(kept) != sealedSha256)
            {
                problems.Add($"the log does not say that {id} was sealed as it is");
            }

            foreach (var (folder, right) in new[] { ("evidence", sealedSha256), ("facts", factsSha256) })
            {
                var file = files.GetValueOrDefault($"{folder}/{id}.{(isSealed ? "sealed" : "cms")}");
                if (file is null || (isSealed && file.Sha256 != right))
                {
                    problems.Add($"{folder}/{id} is {(file is null ? "missing" : "not what was sealed")}");
                }
            }
        }
    }

    private static string ReadText(ZipArchive zip, string name) => Encoding.UTF8.GetString(Read(zip, name));

    private static byte[] Read(ZipArchive zip, string name)
    {
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"{name} is missing");
        if (entry.Length > MostTextBytes)
        {
            throw new InvalidDataException($"{name} is far too long");
        }

        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
