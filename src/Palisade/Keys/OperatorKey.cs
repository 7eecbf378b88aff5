using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using NSec.Cryptography;
using Palisade.Storage;

namespace Palisade.Keys;

/// <summary>
/// The operator's key as it is stored: how it is opened, never what it is. It wraps the private halves of sealing keys.
/// </summary>
/// <remarks>
/// A passphrase, a command's output or a development file goes through Argon2id (RFC 9106), and the result unwraps the key;
/// shares give it directly. So a rotation with the same operator key asks for the same passphrase or officers.
/// </remarks>
internal sealed record OperatorKey(long Number, OperatorKeyKind Kind, string Parameters, byte[]? Wrapped)
{
    private const int SaltBytes = 16;
    private const int MostMemoryKiB = 4 << 20;
    private const int MostPasses = 64;

    /// <summary>Four times RFC 9106's second recommendation; about half a second and 256 MiB, once for each unsealing.</summary>
    private static readonly Stretching Usual = new(MemoryKiB: 256 << 10, Passes: 3, Salt: "");

    /// <summary>A file beside the data is worth nothing against guessing, so nothing is spent on it.</summary>
    private static readonly Stretching Least = new(MemoryKiB: 1 << 10, Passes: 1, Salt: "");

    public static OperatorKey Make(long number, OperatorSecret secret, out byte[] key)
    {
        if (secret.Bytes.Length < OperatorSecret.ShortestBytes)
        {
            throw new ArgumentException("The secret is too short.", nameof(secret));
        }

        key = NewKey();
        var stretching = (secret.Kind == OperatorKeyKind.UnsafeDevelopmentFile ? Least : Usual) with
        {
            Salt = RandomNumberGenerator.GetHexString(2 * SaltBytes, lowercase: true),
        };
        var stretched = Stretch(secret, stretching);
        var wrapped = SecretBox.Seal(stretched, key, Bound(number, secret.Kind));
        CryptographicOperations.ZeroMemory(stretched);
        return new OperatorKey(number, secret.Kind, JsonSerializer.Serialize(stretching, JsonSerializerOptions.Web), wrapped);
    }

    /// <param name="texts">The shares, one for each officer, shown once.</param>
    public static OperatorKey MakeShares(long number, int threshold, int count, out byte[] key, out IReadOnlyList<string> texts)
    {
        key = NewKey();
        var set = RandomNumberGenerator.GetBytes(ShareText.SetBytes);
        var shares = Shares.Split(key, threshold, count);
        texts = [.. shares.Select((share, i) => new ShareText(set, (byte)threshold, (byte)count, (byte)(i + 1), share).Write())];
        var sharing = new Sharing(
            threshold, count, Convert.ToHexStringLower(set),
            [.. shares.Select(share => Convert.ToHexStringLower(SHA256.HashData(share)))]);
        foreach (var share in shares)
        {
            CryptographicOperations.ZeroMemory(share);
        }

        return new OperatorKey(
            number, OperatorKeyKind.Shares, JsonSerializer.Serialize(sharing, JsonSerializerOptions.Web), Wrapped: null);
    }

    /// <param name="key">In memory that does not move, for the caller to zero.</param>
    /// <param name="reason">Why not, for the person who tried.</param>
    public bool TryOpen(OperatorSecret secret, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? reason)
    {
        key = null;
        if (secret.Kind != Kind)
        {
            reason = $"This key is opened by {Needs()}, not by {Words.Of(secret.Kind)}.";
            return false;
        }

        return Kind == OperatorKeyKind.Shares
            ? TryCombine(secret.ShareTexts, out key, out reason)
            : TryUnwrap(secret, out key, out reason);
    }

    /// <summary>What opens it, in words: <c>3 of 5 shares</c>.</summary>
    public string Needs() => Kind switch
    {
        OperatorKeyKind.Shares when Read<Sharing>() is var sharing =>
            string.Create(CultureInfo.InvariantCulture, $"{sharing.Threshold} of {sharing.Count} shares"),
        OperatorKeyKind.Passphrase => "a passphrase",
        OperatorKeyKind.Command => "the output of the operator's command",
        _ => "the development file",
    };

    private static byte[] NewKey()
    {
        var key = GC.AllocateArray<byte>(WrappedKey.DataKeyBytes, pinned: true);
        RandomNumberGenerator.Fill(key);
        return key;
    }

    private static byte[] Stretch(OperatorSecret secret, Stretching stretching)
    {
        if (stretching.MemoryKiB is < 1 or > MostMemoryKiB || stretching.Passes is < 1 or > MostPasses)
        {
            throw Damaged();
        }

        var argon = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = 1,
            MemorySize = stretching.MemoryKiB,
            NumberOfPasses = stretching.Passes,
        });
        var stretched = GC.AllocateArray<byte>(WrappedKey.DataKeyBytes, pinned: true);
        argon.DeriveBytes(secret.Bytes, Convert.FromHexString(stretching.Salt), stretched);
        return stretched;
    }

    private static string Bound(long number, OperatorKeyKind kind) =>
        string.Create(CultureInfo.InvariantCulture, $"palisade operator key v1/{number}/{Words.Of(kind)}");

    private static StoreUnusableException Damaged() => new(
        "The record of the operator's key is damaged. Restore the store from a backup; nothing was changed.");

    private bool TryUnwrap(OperatorSecret secret, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? reason)
    {
        var stretched = Stretch(secret, Read<Stretching>());
        key = GC.AllocateArray<byte>(WrappedKey.DataKeyBytes, pinned: true);
        var isOpen = SecretBox.TryOpen(stretched, Wrapped ?? throw Damaged(), Bound(Number, Kind), key);
        CryptographicOperations.ZeroMemory(stretched);
        reason = isOpen ? null : Kind switch
        {
            OperatorKeyKind.Passphrase => "The passphrase is wrong.",
            OperatorKeyKind.Command => "The command printed something else than when the key was made.",
            _ => "The development file is not the one that the key was made with.",
        };
        key = isOpen ? key : null;
        return isOpen;
    }

    private bool TryCombine(
        IReadOnlyList<string> texts, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? reason)
    {
        var sharing = Read<Sharing>();
        var good = new Dictionary<byte, byte[]>();
        var faults = new List<string>();
        for (var i = 0; i < texts.Count; i++)
        {
            if (!ShareText.TryRead(texts[i], out var share))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"text {i + 1} was mistyped or cut"));
            }
            else if (!string.Equals(Convert.ToHexStringLower(share.Set), sharing.Set, StringComparison.Ordinal))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"text {i + 1} is share {share.Number} of another key"));
            }
            else if (!IsGenuine(sharing, share))
            {
                faults.Add($"share {share.Number} was altered");
            }
            else
            {
                good[share.Number] = share.Share;
            }
        }

        key = null;
        if (good.Count < sharing.Threshold)
        {
            faults.Add(string.Create(
                CultureInfo.InvariantCulture, $"{good.Count} good shares were given and {sharing.Threshold} are needed"));
            reason = $"The key was not opened: {string.Join("; ", faults)}.";
            return false;
        }

        key = GC.AllocateArray<byte>(WrappedKey.DataKeyBytes, pinned: true);
        Shares.Combine([.. good.Take(sharing.Threshold).Select(share => (share.Key, share.Value))], key);
        foreach (var share in good.Values)
        {
            CryptographicOperations.ZeroMemory(share);
        }

        reason = null;
        return true;
    }

    /// <summary>A share is 256 random bits, so its digest helps nobody to guess it.</summary>
    private static bool IsGenuine(Sharing sharing, ShareText share) =>
        share.Number >= 1 && share.Number <= sharing.Digests.Count &&
        string.Equals(
            sharing.Digests[share.Number - 1], Convert.ToHexStringLower(SHA256.HashData(share.Share)), StringComparison.Ordinal);

    private T Read<T>()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Parameters, JsonSerializerOptions.Web) ?? throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private sealed record Stretching(int MemoryKiB, int Passes, string Salt);

    private sealed record Sharing(int Threshold, int Count, string Set, IReadOnlyList<string> Digests);
}
