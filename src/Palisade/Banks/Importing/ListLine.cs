using Palisade.Signals.Pdq;

namespace Palisade.Banks.Importing;

/// <summary>What one line of a list says.</summary>
internal readonly record struct ListLine
{
    public LineKind Kind { get; private init; }

    public SignalValue Value { get; private init; }

    public PdqProfile? Profile { get; init; }

    public int? Quality { get; init; }

    public string? Origin { get; init; }

    public bool IsWithdrawn { get; init; }

    public LineRefusal Refusal { get; private init; }

    /// <summary>Blank, a remark or a header.</summary>
    public static ListLine Nothing { get; } = new() { Kind = LineKind.Nothing };

    /// <summary>64 digits without a type.</summary>
    public static ListLine Ambiguous { get; } = new() { Kind = LineKind.Ambiguous };

    public static ListLine Signal(in SignalValue value) => new() { Kind = LineKind.Signal, Value = value };

    public static ListLine Refused(LineRefusal reason) => new() { Kind = LineKind.Refused, Refusal = reason };
}

internal enum LineKind
{
    Nothing,
    Signal,
    Ambiguous,
    Refused,
}
