using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Palisade.Server.FakeAuthority;

internal enum FaultMoment
{
    /// <summary>Nothing of the request is read or done.</summary>
    Before,

    /// <summary>Half of the request is read, and nothing done.</summary>
    During,

    /// <summary>All is done and kept; only the answer goes wrong.</summary>
    After,
}

internal enum FaultKind
{
    /// <summary>The answer carries this code of the protocol.</summary>
    Code,

    /// <summary>HTTP 500 with a page that is no XML.</summary>
    Http500,

    /// <summary>HTTP 401 without a body.</summary>
    Http401,

    /// <summary>An upload's answer with another MD5.</summary>
    WrongMd5,

    /// <summary>The answer comes late.</summary>
    Slow,

    /// <summary>The connection breaks, and the server forgets what it has not on disk.</summary>
    Restart,

    /// <summary>The connection breaks.</summary>
    Break,
}

/// <summary>One way to fail on purpose: <c>ENDPOINT:MOMENT:FAULT[*TIMES]</c>, such as <c>upload:after:500*3</c>.</summary>
internal sealed record FakeFault(string Endpoint, FaultMoment Moment, FaultKind Kind)
{
    private static readonly string[] Endpoints = ["status", "xsd", "submit", "upload", "fileinfo", "finish", "retract", "any"];

    public const string Form =
        "A fault is ENDPOINT:MOMENT:FAULT or ENDPOINT:MOMENT:FAULT*TIMES. Endpoints: status, xsd, submit, upload, fileinfo, finish, retract, any. " +
        "Moments: before, during, after. Faults: 500, 401, a code such as 4100, 5001 or 5102, wrong-md5, slow, slow=SECONDS, restart, break.";

    public int Code { get; init; }

    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it happens before the server behaves again.</summary>
    public int Times { get; init; } = 1;

    public bool AppliesTo(string endpoint) => Endpoint == "any" || Endpoint == endpoint;

    public static bool TryParse(string text, [NotNullWhen(true)] out FakeFault? fault)
    {
        fault = null;
        var times = 1;
        if (text.Split('*') is { Length: 2 } repeated)
        {
            if (!int.TryParse(repeated[1], NumberStyles.None, CultureInfo.InvariantCulture, out times) || times < 1)
            {
                return false;
            }

            text = repeated[0];
        }

        if (text.Split(':') is not [var endpoint, var momentText, var kind] || !Endpoints.Contains(endpoint) || MomentOf(momentText) is not { } moment)
        {
            return false;
        }

        fault = kind switch
        {
            "500" => new FakeFault(endpoint, moment, FaultKind.Http500),
            "401" => new FakeFault(endpoint, moment, FaultKind.Http401),
            "wrong-md5" => new FakeFault(endpoint, moment, FaultKind.WrongMd5),
            "slow" => new FakeFault(endpoint, moment, FaultKind.Slow),
            "restart" => new FakeFault(endpoint, moment, FaultKind.Restart),
            "break" => new FakeFault(endpoint, moment, FaultKind.Break),
            _ when kind.StartsWith("slow=", StringComparison.Ordinal) &&
                double.TryParse(kind[5..], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 86_400 =>
                new FakeFault(endpoint, moment, FaultKind.Slow) { Delay = TimeSpan.FromSeconds(seconds) },
            _ when kind.Length == 4 && int.TryParse(kind, NumberStyles.None, CultureInfo.InvariantCulture, out var code) =>
                new FakeFault(endpoint, moment, FaultKind.Code) { Code = code },
            _ => null,
        };
        fault = fault is null ? null : fault with { Times = times };
        return fault is not null;
    }

    private static FaultMoment? MomentOf(string text) => text switch
    {
        "before" => FaultMoment.Before,
        "during" => FaultMoment.During,
        "after" => FaultMoment.After,
        _ => null,
    };
}
