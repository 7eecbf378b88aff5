using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Palisade.Audit.Tree;

namespace Palisade.Audit.Notes;

/// <summary>What a log says of itself at one moment: its origin, how many entries it has, and their root (C2SP tlog-checkpoint).</summary>
public sealed record Checkpoint(string Origin, long Size, TreeHash Root)
{
    /// <summary>The text that is signed. Lines that follow the third are read over and never written by us.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");

    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint) =>
        TryParseLines(text, out checkpoint) && (checkpoint.Size > 0 || checkpoint.Root == TreeHash.Empty);

    /// <summary>As <see cref="TryParse"/>, and an empty tree may have any root: a witness has an answer of its own to that.</summary>
    internal static bool TryParseLines(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[^1].Length > 0 || lines[..^1].Any(line => line.Length == 0) ||
            !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ||
            lines[1] != size.ToString(CultureInfo.InvariantCulture) ||
            !TreeHash.TryParseBase64(lines[2], out var root))
        {
            return false;
        }

        checkpoint = new Checkpoint(lines[0], size, root);
        return true;
    }

    /// <summary>Reads a checkpoint that this key signed.</summary>
    /// <returns>False when it is none, or another's, or the signature is wrong.</returns>
    public static bool TryOpen(string? note, NoteKey signer, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        return SignedNote.TryParse(note, out var signed) && signed.IsSignedBy(signer) == true &&
            TryParse(signed.Text, out checkpoint) && checkpoint.Origin == signer.Name;
    }
}
