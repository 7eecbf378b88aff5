namespace Palisade.Server.Cli;

/// <summary>The reasons of <c>hash</c> and <c>scan</c> in a person's words.</summary>
internal static class PlainReason
{
    private const string UndecodablePrefix = "undecodable:";

    public static string Of(string reason) => reason switch
    {
        "link" => "a link inside a folder, not followed",
        "not-a-file" => "a pipe, socket or device, not opened",
        "folder-unreadable" => "the folder may not be listed",
        "missing" => "there is no such file",
        "name-not-utf8" => "its name is not UTF-8, so it cannot be opened; rename it",
        "permission-denied" => "reading it is not permitted",
        "path-too-long" => "the path is too long",
        "read-failed" => "reading it failed",
        "too-large" => "larger than the limit; only its digests count",
        "not-a-picture" => "not a picture",
        "format-not-allowed" => "a form that is never decoded",
        "empty" => "an empty file",
        "corrupt" => "the picture is damaged",
        "too-many-pixels" => "more pixels than the limit",
        "too-many-scans" => "more scans than the limit",
        "timed-out" => "decoding took too long",
        "out-of-memory" => "decoding took too much memory",
        "worker-crashed" => "the decoder died over it",
        "malformed-answer" => "the decoder gave no sensible answer",
        "no-decoder" => "no decoder for this form is installed; see palisade doctor",
        "match-exact" => "the very same file is in a bank",
        "match-near" => "a picture that looks the same is in a bank",
        "weak-digest" => "only an MD5 or SHA-1 matched, and those can be forged",
        "refused" => "not a picture, or a form that is never opened",
        "low-quality" => "too little in the picture to compare its look; digests were compared",
        "never-match" => "a never-match entry took a match away",
        _ when reason.StartsWith(UndecodablePrefix, StringComparison.Ordinal) => Of(reason[UndecodablePrefix.Length..]),
        _ => reason,
    };
}
