namespace Palisade.CyberTipline;

/// <summary>Repeats one step while the class of its answers says that it helps, within a time that the caller names.</summary>
public static class TipRetry
{
    /// <param name="until">The report's expiry, or when somebody has to be told; no attempt begins after it.</param>
    /// <returns>The last answer. What is not a success is for the caller, and is never dropped.</returns>
    public static async Task<TipAnswer> RunAsync(
        Func<CancellationToken, Task<TipAnswer>> step, DateTimeOffset until, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(clock);
        var wasRebuilt = false;
        for (var failures = 1; ; failures++)
        {
            var answer = await step(cancellationToken);
            var again = answer.Class == AnswerClass.RebuildOnce ? !wasRebuilt : IsRepeatable(answer);
            wasRebuilt |= answer.Class == AnswerClass.RebuildOnce;
            if (!again)
            {
                return answer;
            }

            var delay = RetrySchedule.DelayAfter(failures);
            if (clock.GetUtcNow() + delay >= until)
            {
                return answer;
            }

            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    /// <summary>
    /// An upload or file details that may have arrived are not sent again: a second copy could not be taken back. A second
    /// report that is never finished is deleted by the authority, so submit may be repeated.
    /// </summary>
    public static bool IsRepeatable(TipAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.Class switch
        {
            AnswerClass.RetryStep => true,
            AnswerClass.Uncertain => answer.Step is not (TipStep.Upload or TipStep.FileInfo),
            _ => false,
        };
    }
}
