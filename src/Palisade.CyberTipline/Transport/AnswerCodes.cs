namespace Palisade.CyberTipline;

/// <summary>The documented response codes. Their list is not exhaustive, so an unknown one needs a person.</summary>
internal static class AnswerCodes
{
    public const int Success = 0;
    public const int AuthenticationRequired = 2000;

    public static AnswerClass ClassOf(int code) => code switch
    {
        Success => AnswerClass.Success,
        1000 or 1100 or 1110 or 1111 or 1300 => AnswerClass.RetryStep,
        AuthenticationRequired => AnswerClass.Credentials,
        >= 3000 and < 4000 => AnswerClass.NotAuthorised,
        4200 => AnswerClass.RebuildOnce,
        5001 => AnswerClass.ReportGone,
        5002 => AnswerClass.FileGone,
        5101 => AnswerClass.AlreadyRetracted,
        5102 => AnswerClass.AlreadyFinished,
        _ => AnswerClass.NeedsHuman,
    };

    /// <summary>For an answer whose body says nothing.</summary>
    public static AnswerClass ClassOfStatus(int status) => status switch
    {
        401 => AnswerClass.Credentials,
        403 => AnswerClass.NotAuthorised,
        408 or 425 or 429 or >= 500 or (>= 200 and < 300) => AnswerClass.Uncertain,
        _ => AnswerClass.NeedsHuman,
    };
}
