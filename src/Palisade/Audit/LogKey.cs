using System.Security.Cryptography;
using System.Text;
using Palisade.Audit.Notes;
using Palisade.Keys;
using Palisade.Scanning;
using Palisade.Storage;

namespace Palisade.Audit;

/// <summary>
/// The key that signs this log's checkpoints: <c>audit.key</c> in the data folder, sealed under the bank key, and its public
/// half in <c>audit.pub</c> beside it, for everybody who wants to check the log.
/// </summary>
internal static class LogKey
{
    public const string FileName = "audit.key";
    public const string PublicFileName = "audit.pub";

    private const string Bound = "audit.key";

    /// <param name="origin">Name of a log that begins now; null means one with a random part.</param>
    /// <exception cref="StoreUnusableException">The file is damaged or another deployment's.</exception>
    public static SigningKey OpenOrCreate(string folder, BankKey bankKey, string? origin)
    {
        var seal = new RecordSeal(bankKey.DeriveFor("palisade audit v1 signing key"u8));
        var path = Path.Combine(folder, FileName);
        var key = SigningKey.OpenOrCreate(
            path,
            origin ?? "palisade/" + RandomNumberGenerator.GetHexString(16, lowercase: true),
            NoteKeyKind.Log,
            content => seal.Seal(content, Bound),
            content => Open(seal, path, content));
        var publicPath = Path.Combine(folder, PublicFileName);
        var line = key.Public + "\n";
        if (!File.Exists(publicPath) || File.ReadAllText(publicPath) != line)
        {
            DurableFile.Replace(publicPath, Encoding.UTF8.GetBytes(line));
        }

        return key;
    }

    /// <summary>Reads the key of a log that is only read; nothing is made or changed.</summary>
    /// <exception cref="StoreUnusableException">The file is damaged or another deployment's.</exception>
    public static SigningKey OpenExisting(string folder, BankKey bankKey)
    {
        var seal = new RecordSeal(bankKey.DeriveFor("palisade audit v1 signing key"u8));
        var path = Path.Combine(folder, FileName);
        return SigningKey.Open(path, NoteKeyKind.Log, content => Open(seal, path, content));
    }

    private static byte[] Open(RecordSeal seal, string path, byte[] content)
    {
        try
        {
            return seal.Open(content, Bound);
        }
        catch (StoreUnusableException unusable)
        {
            throw new StoreUnusableException(
                $"The audit log's key {path} is damaged, or belongs to another bank key. Put back the file that belongs to this data folder.", unusable);
        }
    }
}
