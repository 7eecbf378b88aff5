using System.Security.Cryptography;
using System.Text;

namespace Palisade.Keys;

/// <summary>What opens the operator's key.</summary>
public enum OperatorKeyKind
{
    /// <summary>A passphrase that a person types.</summary>
    Passphrase,

    /// <summary>Any k of n texts, each with another officer.</summary>
    Shares,

    /// <summary>What a command of the operator prints, such as a key service's client. Opens without a person.</summary>
    Command,

    /// <summary>A file beside the data. Protects nothing; for the demo and for trying things out.</summary>
    UnsafeDevelopmentFile,
}

/// <summary>What an operator presents to make or open the operator's key. Dispose it: that zeroes it.</summary>
public sealed class OperatorSecret : IDisposable, IEquatable<OperatorSecret>
{
    /// <summary>Shortest passphrase or output that a new key is made with, in bytes.</summary>
    public const int ShortestBytes = 12;

    private readonly byte[] _bytes;

    private OperatorSecret(OperatorKeyKind kind, ReadOnlySpan<byte> bytes, IReadOnlyList<string> shares)
    {
        Kind = kind;
        ShareTexts = shares;
        _bytes = GC.AllocateArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
    }

    public OperatorKeyKind Kind { get; }

    /// <summary>The secret itself, to be handed on to where it is used.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    public IReadOnlyList<string> ShareTexts { get; }

    /// <param name="text">UTF-8, without a line end. The caller zeroes his own copy.</param>
    public static OperatorSecret Passphrase(ReadOnlySpan<byte> text) => new(OperatorKeyKind.Passphrase, text, []);

    public static OperatorSecret Shares(IReadOnlyList<string> texts) => new(OperatorKeyKind.Shares, [], texts);

    /// <param name="output">A line end at its end does not count.</param>
    public static OperatorSecret CommandOutput(ReadOnlySpan<byte> output) =>
        new(OperatorKeyKind.Command, output.TrimEnd("\r\n"u8), []);

    public static OperatorSecret UnsafeDevelopmentFile(ReadOnlySpan<byte> content) =>
        new(OperatorKeyKind.UnsafeDevelopmentFile, content, []);

    /// <summary>A passphrase of this text, for tests and samples: a string cannot be zeroed.</summary>
    public static OperatorSecret Passphrase(string text) => Passphrase(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether nothing was given.</summary>
    public bool IsEmpty => _bytes.Length == 0 && ShareTexts.Count == 0;

    public bool Equals(OperatorSecret? other) => other is not null && Kind == other.Kind &&
        CryptographicOperations.FixedTimeEquals(_bytes, other._bytes) && ShareTexts.SequenceEqual(other.ShareTexts, StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as OperatorSecret);

    /// <summary>Of the kind alone: a hash of the secret would be a trace of it.</summary>
    public override int GetHashCode() => Kind.GetHashCode();

    /// <summary>The kind alone.</summary>
    public override string ToString() => Storage.Words.Of(Kind);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
