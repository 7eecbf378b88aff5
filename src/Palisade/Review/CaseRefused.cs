using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Palisade.Storage;

namespace Palisade.Review;

/// <summary>Why a change of a case was refused; nothing was changed. A closed set.</summary>
/// <param name="Reason">What is wrong and what to do, without anything of the case's content.</param>
public abstract record CaseRefused(string Reason)
{
    public sealed record NoSuchCase() : CaseRefused("There is no such case. `palisade case list` shows those that exist.");

    public sealed record WrongState(CaseState Now, CaseState Wanted) : CaseRefused(
        $"The case is {Words.Of(Now)}, and a case that is {Words.Of(Now)} cannot become {Words.Of(Wanted)}.");

    public sealed record BadText(string Field, int Longest) : CaseRefused(string.Create(
        CultureInfo.InvariantCulture, $"{Field}: write 1 to {Longest} characters."));

    public sealed record DecisionWaiting() : CaseRefused(
        "A decision waits for its undo time to pass. Undo it first (`palisade case undo`), or wait until it is effective.");

    public sealed record AlreadyDecided() : CaseRefused(
        "The case is decided, and what follows from it is under way. Close it and open it again (`palisade case reopen`), so that this is taken back.");

    public sealed record TooLateToUndo() : CaseRefused(
        "There is no decision that could still be undone: its time is over. Reopen the case once it is closed.");

    public sealed record SamePerson() : CaseRefused("You asked for a second look at this case, so another person has to decide it.");

    public sealed record IncidentTypeNeeded() : CaseRefused(
        $"Another reportable offence needs an incident type: {string.Join(", ", ReportWords.IncidentTypes)}.");

    public sealed record UnknownWord(string Field) : CaseRefused($"{Field}: {Field switch
    {
        "incidentType" => string.Join(", ", ReportWords.IncidentTypes),
        "classification" => string.Join(", ", ReportWords.Classifications),
        _ => string.Join(", ", ReportWords.ReportAnnotations.Concat(ReportWords.FileAnnotations)),
    }} are known.");

    /// <param name="Uploads">How many belong to it by now.</param>
    public sealed record UploadsJoined(long Uploads) : CaseRefused(string.Create(
        CultureInfo.InvariantCulture,
        $"Further uploads joined the case meanwhile; it has {Uploads} by now. Look at it again, then decide."));
}

/// <summary>Either what was asked for, or why it was refused.</summary>
public readonly record struct CaseAnswer<T>
    where T : class
{
    private CaseAnswer(T? value, CaseRefused? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public CaseRefused? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;

    public static implicit operator CaseAnswer<T>(T value) => new(value, null);

    public static implicit operator CaseAnswer<T>(CaseRefused refusal) => new(null, refusal);
}
