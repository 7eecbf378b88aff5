using Palisade.CyberTipline;

namespace Palisade.Reporting;

/// <summary>Where reports go, and who reports.</summary>
public sealed record ReportingOptions
{
    /// <summary>
    /// <c>off</c> drafts nothing; <c>rehearsal</c> speaks with a server of one's own, <c>test</c> with the authority's test
    /// server, <c>production</c> with the authority.
    /// </summary>
    public string Environment { get; init; } = Off;

    /// <summary>Each environment has credentials of its own.</summary>
    public ReportingAccount Rehearsal { get; init; } = new();

    public ReportingAccount Test { get; init; } = new();

    public ReportingAccount Production { get; init; } = new();

    public ReporterOptions Reporter { get; init; } = new();

    /// <summary>Time to file from the decision on. Default 24 hours, inside "as soon as reasonably possible".</summary>
    public TimeSpan FileWithin { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The same for a threat to life. Default 15 minutes.</summary>
    public TimeSpan FileEscalatedWithin { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Age of an unfiled report from which an alarm is on. Default 4 hours.</summary>
    public TimeSpan AlarmAfter { get; init; } = TimeSpan.FromHours(4);

    private const string Off = "off";

    public bool IsOn => Environment != Off;

    /// <exception cref="FormatException">It is off, or no word that is known.</exception>
    public TipEnvironment EnvironmentInForce => Storage.Words.Parse<TipEnvironment>(Environment);

    /// <summary>What is wrong with these options and how to mend it; null when nothing is.</summary>
    public string? Fault()
    {
        if (!IsOn)
        {
            return null;
        }

        if (!Storage.Words.TryParse<TipEnvironment>(Environment, out var environment))
        {
            return "reporting.environment is off, rehearsal, test or production.";
        }

        if (environment == TipEnvironment.Production)
        {
            // Fails closed until the switch that two people turn exists.
            return "reporting.environment cannot be production yet: switching it on takes two people, and that switch is not built. Use rehearsal or test.";
        }

        var word = Storage.Words.Of(environment);
        var account = AccountOf(environment);
        return string.IsNullOrWhiteSpace(account.UserName) || account.UserName.Contains(':', StringComparison.Ordinal)
                ? $"reporting.{word}.userName is missing, or has a colon."
            : !File.Exists(account.PasswordFile) ? $"reporting.{word}.passwordFile is not there, or may not be read."
            : environment == TipEnvironment.Rehearsal && account.Address is not { IsAbsoluteUri: true }
                ? "reporting.rehearsal.address is missing. `palisade fake-authority` prints the one of its own."
            : environment != TipEnvironment.Rehearsal && account.Address is not null
                ? $"reporting.{word}.address cannot be set: the authority's addresses are fixed."
            : Reporter.Email.Contains('@', StringComparison.Ordinal) ? null
            : "reporting.reporter.email is needed: the authority asks for whom to write to.";
    }

    public CyberTiplineEndpoint OpenEndpoint()
    {
        var account = AccountOf(EnvironmentInForce);
        var password = File.ReadAllText(account.PasswordFile).TrimEnd('\r', '\n');
        return EnvironmentInForce switch
        {
            TipEnvironment.Production => CyberTiplineEndpoint.Production(account.UserName, password),
            TipEnvironment.Test => CyberTiplineEndpoint.Test(account.UserName, password),
            _ => CyberTiplineEndpoint.Rehearsal(account.Address!, account.UserName, password),
        };
    }

    private ReportingAccount AccountOf(TipEnvironment environment) => environment switch
    {
        TipEnvironment.Production => Production,
        TipEnvironment.Test => Test,
        _ => Rehearsal,
    };
}

public sealed record ReportingAccount
{
    /// <summary>Of a rehearsal alone.</summary>
    public Uri? Address { get; init; }

    public string UserName { get; init; } = "";

    /// <summary>A file with the password and nothing else, which only the service may read.</summary>
    public string PasswordFile { get; init; } = "";
}

/// <summary>The company that reports.</summary>
public sealed record ReporterOptions
{
    public string Email { get; init; } = "";

    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? Phone { get; init; }

    /// <summary>Full name of the application.</summary>
    public string? Platform { get; init; }

    /// <summary>Facts on the company, how to serve process, how long content is kept.</summary>
    public string? CompanyTemplate { get; init; }

    public string? TermsOfService { get; init; }

    public string? LegalUrl { get; init; }
}
