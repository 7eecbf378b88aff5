using Palisade.Signals.Pdq;

namespace Palisade.Banks;

/// <summary>What the index knows of a signal that was found: everything but its value.</summary>
/// <param name="Bank">With the settings of the generation that found it.</param>
/// <param name="State">As recorded; ask <see cref="IsLiveAt"/> and <see cref="IsShadow"/> for what it means now.</param>
public readonly record struct IndexedSignal(
    SignalId Id,
    Bank Bank,
    SignalType Type,
    PdqProfile? Profile,
    int? Quality,
    SignalState State,
    DateTimeOffset? DisabledUntil)
{
    /// <summary>On probation: its match is recorded and never acts.</summary>
    public bool IsShadow => State == SignalState.Probation;

    /// <summary>Acts at this moment: live, or disabled until a moment that has come.</summary>
    public bool IsLiveAt(DateTimeOffset moment) =>
        State == SignalState.Live || (State == SignalState.Disabled && moment >= DisabledUntil);

    /// <summary>
    /// A PDQ signal whose known quality is under its bank's least is kept, and matches nothing until the bank asks for less.
    /// </summary>
    public bool HasEnoughQuality => Type != SignalType.Pdq || Quality is null || Quality >= Bank.MinQuality;
}

/// <summary>A PDQ signal within the radius asked for.</summary>
public readonly record struct NearSignal(IndexedSignal Signal, int DistanceBits);
