namespace UploadGate;

/// <summary>Everything that the gate ever says about an upload, in one place so that no second wording can creep in.</summary>
public static class Answers
{
    public static IResult NoFile { get; } =
        Results.Json(new { error = "Send one file of at least one byte as multipart/form-data." }, statusCode: 400);

    public static IResult TooLarge { get; } = Results.Json(new { error = "The file is too large." }, statusCode: 413);

    public static IResult TryLater { get; } =
        Results.Json(new { error = "Too many uploads at the moment. Try again later." }, statusCode: 503);

    /// <summary>Unknown, waiting, held, blocked, removed: one wording for all, or the wording would be a verdict.</summary>
    public static IResult NotHere { get; } = Results.Json(new { error = "There is no such file here." }, statusCode: 404);

    public static IResult Received(string id) => Results.Json(new { id, status = "received" }, statusCode: 202);
}
