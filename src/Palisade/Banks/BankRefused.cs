using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Palisade.Approvals;

namespace Palisade.Banks;

/// <summary>Why a change of a bank was refused; nothing was changed. A closed set.</summary>
/// <param name="Reason">What is wrong and what to do, without any hash.</param>
public abstract record BankRefused(string Reason)
{
    public sealed record NoSuchBank() : BankRefused("There is no such bank. List the banks to see their names.");

    public sealed record NoSuchSignal() : BankRefused("There is no such signal.");

    public sealed record NameTaken(string Name) : BankRefused($"A bank called '{Name}' exists already. Choose another name.");

    public sealed record BadSetting(string Setting, string Why) : BankRefused($"{Setting}: {Why}");

    public sealed record NotEmpty(long Signals) : BankRefused(string.Create(
        CultureInfo.InvariantCulture,
        $"The bank still has {Signals} signals that are not withdrawn, or an import that is open. Withdraw them first: " +
        $"emptying a bank in one call would let one person silence it."));

    public sealed record AlreadyThere(SignalId Signal, SignalState State) : BankRefused(
        $"The bank holds this value already, as signal {Signal} ({Storage.Words.Of(State)}).");

    public sealed record RegionsThere(SignalId Signal) : BankRefused(
        $"The bank holds region codes of this picture already, with signal {Signal}.");

    public sealed record NoRegionsHere() : BankRefused(
        "A never-match bank takes whole pictures away; region codes in it would excuse whatever is made from them. Add the picture without.");

    /// <summary>The picture is enrolled by its look and its digest alone.</summary>
    public sealed record TooLittleTexture() : BankRefused(
        "There is too little texture in this picture for region codes (fewer than 25 points), so altered copies of it are found by PDQ only.");

    public sealed record EmptyFile() : BankRefused("This is the digest of the empty file, which says nothing about content.");

    public sealed record Degenerate() : BankRefused(
        "This PDQ hash has fewer than 64 or more than 192 of its 256 bits set: a featureless picture, which would match others.");

    public sealed record LowQuality(int Quality, int MinQuality) : BankRefused(string.Create(
        CultureInfo.InvariantCulture,
        $"The picture's PDQ quality is {Quality}, and this bank matches PDQ from {MinQuality} up. Add its digests instead."));

    /// <summary>Nobody may do this alone. What the request for a second person must name is in here.</summary>
    public sealed record SecondPersonNeeded(TwoPersonOperation Operation, string Subject, byte[] Content) : BankRefused(
        $"Nobody does this alone ({Storage.Words.Of(Operation)}): a second person must approve it.");

    /// <param name="Why">What is wrong with the approval that was named.</param>
    public sealed record NotApproved(string Why) : BankRefused(Why);

    public sealed record NoSuchImport() : BankRefused("There is no such import, or it is not at this step.");

    /// <param name="Import">The import that is open.</param>
    public sealed record AnotherImportOpen(long Import, string SourceName) : BankRefused(
        $"Import {Import} of '{SourceName}' is open in this bank. Make it live or discard it first.");

    /// <param name="Line">The first line that needs it, from 1.</param>
    public sealed record TypeNeeded(long Line) : BankRefused(
        $"Line {Line} has 64 hexadecimal digits and no type: that may be PDQ or SHA-256. Say which with --type pdq or --type sha256.");

    /// <summary>Odd counts of set bits show that a list is not PDQ.</summary>
    public sealed record NotPdq(long Values, long Odd) : BankRefused(
        $"{Odd} of {Values} PDQ values have an odd number of set bits, and true PDQ values hardly ever do. These may be " +
        "SHA-256 digests (--type sha256), or the list is damaged.");

    public sealed record FileTooLarge(long Bytes, long MostBytes) : BankRefused(
        $"The file has {Bytes} bytes and at most {MostBytes} are taken. Split it, or raise the limit.");

    public sealed record WithdrawalsNotConfirmed(long Withdrawn, long Held) : BankRefused(
        $"This list withdraws {Withdrawn} of the bank's {Held} signals, which is more than 5 %. Look at the preview, and " +
        "confirm the withdrawals if they are meant.");
}

/// <summary>Either what was asked for, or why it was refused.</summary>
public readonly record struct BankAnswer<T>
    where T : class
{
    private BankAnswer(T? value, BankRefused? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    public T? Value { get; }

    public BankRefused? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Refusal))]
    [MemberNotNullWhen(false, nameof(Value))]
    public bool IsRefused => Refusal is not null;

    public static implicit operator BankAnswer<T>(T value) => new(value, null);

    public static implicit operator BankAnswer<T>(BankRefused refusal) => new(null, refusal);
}
