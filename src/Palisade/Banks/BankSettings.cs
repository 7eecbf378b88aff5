using Palisade.Policy;

namespace Palisade.Banks;

/// <summary>
/// What is wished for a bank, new or changed. What is null stays as it is, or takes its default in a new bank; a new bank
/// needs a name, an owner and a purpose.
/// </summary>
public sealed record BankSettings
{
    /// <inheritdoc cref="Bank.Name"/>
    public string? Name { get; init; }

    /// <inheritdoc cref="Bank.Owner"/>
    public string? Owner { get; init; }

    /// <summary>Cannot be changed later: signals were collected for it.</summary>
    public BankPurpose? Purpose { get; init; }

    /// <inheritdoc cref="Bank.Source"/>
    public string? Source { get; init; }

    /// <inheritdoc cref="Bank.MaxDistanceBits"/>
    public int? MaxDistanceBits { get; init; }

    /// <inheritdoc cref="Bank.MinQuality"/>
    public int? MinQuality { get; init; }

    /// <inheritdoc cref="Bank.AllowedAction"/>
    public VerdictAction? AllowedAction { get; init; }

    /// <inheritdoc cref="Bank.EnabledRatio"/>
    public double? EnabledRatio { get; init; }

    /// <inheritdoc cref="Bank.NewSignals"/>
    public NewSignals? NewSignals { get; init; }

    /// <inheritdoc cref="Bank.Notes"/>
    public string? Notes { get; init; }

    /// <summary>The bank with these wishes fulfilled.</summary>
    internal Bank ApplyTo(Bank bank) => bank with
    {
        Name = Name ?? bank.Name,
        Owner = Owner ?? bank.Owner,
        Source = Source ?? bank.Source,
        MaxDistanceBits = MaxDistanceBits ?? bank.MaxDistanceBits,
        MinQuality = MinQuality ?? bank.MinQuality,
        AllowedAction = AllowedAction ?? bank.AllowedAction,
        EnabledRatio = EnabledRatio ?? bank.EnabledRatio,
        NewSignals = NewSignals ?? bank.NewSignals,
        Notes = Notes ?? bank.Notes,
    };
}

/// <summary>A signal to be added to a bank by hand.</summary>
/// <param name="Profile">Which pixels made a PDQ value; null means <c>full</c>. Ignored for digests.</param>
/// <param name="Quality">0 to 100 where it is known.</param>
/// <param name="Origin">Where it came from, at most 500 characters; never a secret.</param>
public sealed record NewSignal(
    SignalValue Value, Signals.Pdq.PdqProfile? Profile = null, int? Quality = null, string Origin = "");
