using System.Text.Json;
using Palisade.Keys;
using Palisade.Storage;

namespace Palisade.Server.Control;

/// <summary>What a command line on the same machine asks a running service: one line of JSON, answered by one line.</summary>
internal sealed record ControlRequest
{
    public const string Status = "status";
    public const string Unseal = "unseal";
    public const string Seal = "seal";

    /// <summary>A request holds a passphrase or some shares, never more.</summary>
    public const int LongestBytes = 64 << 10;

    public required string Act { get; init; }

    /// <summary>Who asks, as the audit log will name him.</summary>
    public required string User { get; init; }

    public string? Reason { get; init; }

    /// <summary>A word of <see cref="OperatorKeyKind"/>.</summary>
    public string? Kind { get; init; }

    public byte[]? Secret { get; init; }

    public IReadOnlyList<string>? Shares { get; init; }

    /// <summary>The secret in the request; null when there is none that can be understood.</summary>
    public OperatorSecret? ToSecret() => Words.TryParse<OperatorKeyKind>(Kind, out var kind)
        ? kind switch
        {
            OperatorKeyKind.Passphrase => OperatorSecret.Passphrase(Secret),
            OperatorKeyKind.Command => OperatorSecret.CommandOutput(Secret),
            OperatorKeyKind.Shares => OperatorSecret.Shares(Shares ?? []),
            _ => OperatorSecret.UnsafeDevelopmentFile(Secret),
        }
        : null;

    public override string ToString() => Act;
}

/// <param name="Refusal">Null when done; else why not, for the person at the terminal.</param>
/// <param name="IsUnsealed">How the service stands after the request.</param>
/// <param name="HoldsPrivates">Whether it was unsealed at least for keys that a rotation has replaced since.</param>
internal sealed record ControlAnswer(string? Refusal, bool IsUnsealed, bool HoldsPrivates)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
}
