using System.Security.Cryptography;

namespace Palisade.Client;

/// <summary>
/// One upload that is to be checked. It can be opened more than once, because a call that got no answer is made again
/// with the same bytes, the same fields and the same idempotency key.
/// </summary>
public sealed record Upload
{
    private readonly Func<Stream> _open;

    private Upload(Func<Stream> open, string service, string contentId)
    {
        _open = open;
        Service = service;
        ContentId = contentId;
    }

    /// <summary>The named surface it came through, such as <c>avatars</c>; the policy is chosen by it.</summary>
    public string Service { get; }

    /// <summary>The platform's own name for it; the verdict feed says it again.</summary>
    public string ContentId { get; }

    /// <summary>
    /// Stands for the uploader without naming anybody: the same for all uploads of one account, and worthless outside
    /// the platform (a keyed hash of the account's number, say).
    /// </summary>
    public string? UploaderToken { get; init; }

    /// <summary>When the platform received it.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The file's name as the uploader gave it. Kept only of an upload that gets a case, and then sealed.</summary>
    public string? FileName { get; init; }

    /// <summary>Addresses that took part. Kept as the file name is.</summary>
    public IReadOnlyList<NetworkFact> Network { get; init; } = [];

    /// <summary>Messages, prompts and the like that belong to it. Kept as the file name is.</summary>
    public IReadOnlyList<ContextItem> Context { get; init; } = [];

    /// <summary>
    /// Makes repeated calls one scan. Random unless set; a platform that survives restarts sets a value that it still
    /// knows afterwards, such as the content id.
    /// </summary>
    public string IdempotencyKey { get; init; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>An upload that lies in a file.</summary>
    public static Upload FromFile(string path, string service, string contentId) =>
        new(() => File.OpenRead(path), service, contentId);

    /// <summary>An upload that is in memory.</summary>
    public static Upload FromBytes(ReadOnlyMemory<byte> bytes, string service, string contentId)
    {
        var kept = bytes.ToArray();
        return new(() => new MemoryStream(kept, writable: false), service, contentId);
    }

    /// <summary>An upload from anywhere else.</summary>
    /// <param name="open">Gives a new stream from the first byte each time; the client closes it.</param>
    public static Upload FromStream(Func<Stream> open, string service, string contentId) =>
        new(open, service, contentId);

    internal Stream Open() => _open();
}
