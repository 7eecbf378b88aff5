using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Palisade.Audit.Notes;

/// <summary>A text with signature lines below it, as C2SP signed-note lays it out.</summary>
public sealed class SignedNote
{
    private const string Dash = "\u2014 ";

    /// <summary>A note with more signatures than this is nobody's we know.</summary>
    private const int MostSignatures = 64;

    private SignedNote(string text, IReadOnlyList<string> signatureLines)
    {
        Text = text;
        SignatureLines = signatureLines;
    }

    /// <summary>With its last line feed.</summary>
    public string Text { get; }

    /// <summary>Whole lines without their line feed.</summary>
    public IReadOnlyList<string> SignatureLines { get; }

    public static bool TryParse(string? note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        var end = note?.LastIndexOf("\n\n", StringComparison.Ordinal) ?? -1;
        if (end < 0 || !note!.EndsWith('\n') || note.Any(c => c < ' ' && c != '\n'))
        {
            return false;
        }

        var lines = note[(end + 2)..].Split('\n')[..^1];
        if (lines.Length is 0 or > MostSignatures || !lines.All(line => TryRead(line, out _, out _, out _)))
        {
            return false;
        }

        parsed = new SignedNote(note[..(end + 1)], lines);
        return true;
    }

    /// <summary>A note of one signature.</summary>
    public static SignedNote Create(string text, string signatureLine) => new(text, [signatureLine]);

    /// <summary>One signature line more, in the place of an older one by the same key.</summary>
    public SignedNote With(NoteKey key, string signatureLine) => new(
        Text,
        [
            .. SignatureLines.Where(line => !(TryRead(line, out var name, out var id, out _) && name == key.Name && id == key.Id)),
            signatureLine,
        ]);

    /// <summary>Whether this key signed; null when it did not, and false when it seems to and the signature is wrong.</summary>
    public bool? IsSignedBy(NoteKey key)
    {
        bool? isSigned = null;
        foreach (var line in SignatureLines)
        {
            if (TryRead(line, out var name, out var id, out var signature) && name == key.Name && id == key.Id)
            {
                if (!key.Verifies(Text, signature))
                {
                    return false;
                }

                isSigned = true;
            }
        }

        return isSigned;
    }

    /// <summary>The first line by this key; null when there is none.</summary>
    internal string? LineOf(NoteKey key) => SignatureLines.FirstOrDefault(
        line => TryRead(line, out var name, out var id, out _) && name == key.Name && id == key.Id);

    /// <summary>When a witness cosigned, by its own clock; null when it did not.</summary>
    public DateTimeOffset? CosignedAt(NoteKey witness)
    {
        foreach (var line in SignatureLines)
        {
            if (TryRead(line, out var name, out var id, out var signature) && name == witness.Name && id == witness.Id &&
                signature.Length > 8 && witness.Verifies(Text, signature) &&
                BinaryPrimitives.ReadUInt64BigEndian(signature) is var time and < 253402300800)
            {
                return DateTimeOffset.FromUnixTimeSeconds((long)time);
            }
        }

        return null;
    }

    public override string ToString() => $"{Text}\n{string.Concat(SignatureLines.Select(line => line + "\n"))}";

    internal static string Line(NoteKey key, ReadOnlySpan<byte> signature)
    {
        var bytes = new byte[4 + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, key.Id);
        signature.CopyTo(bytes.AsSpan(4));
        return string.Create(CultureInfo.InvariantCulture, $"{Dash}{key.Name} {Convert.ToBase64String(bytes)}");
    }

    private static bool TryRead(string line, out string name, out uint id, out byte[] signature)
    {
        (name, id, signature) = ("", 0, []);
        var parts = line.StartsWith(Dash, StringComparison.Ordinal) ? line[Dash.Length..].Split(' ') : [];
        if (parts.Length != 2 || !NoteKey.IsName(parts[0]))
        {
            return false;
        }

        var bytes = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], bytes, out var written) || written < 5)
        {
            return false;
        }

        (name, id, signature) = (parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..written]);
        return true;
    }
}
