using System.CommandLine;
using System.Text;

namespace Palisade.Server.Cli.Evidence;

internal static class EvidenceCertificateVerb
{
    public static Command Create(Terminal terminal)
    {
        var argument = EvidenceVerb.Id();
        var verb = new Verb(
            "certificate",
            "Print the certificate of a destruction, checked against the audit log. Its SHA-256 is the digest of the entry that tells the result.",
            "palisade evidence certificate evd_0123456789abcdef0123456789abcdef",
            "palisade evidence certificate evd_0123456789abcdef0123456789abcdef > certificate.json")
        {
            ExitCodes = "0 the audit log says the same, 2 there is none or it does not",
        };
        verb.Add(argument);
        var data = DataFolder.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            if (EvidenceVerb.Parse(parsed.GetRequiredValue(argument), terminal) is not { } id)
            {
                return ExitCode.Error;
            }

            await using var records = await data.OpenAsync(parsed, cancellationToken);
            if (await records.Destructions.FindCertificateAsync(id, cancellationToken) is not { } certificate)
            {
                terminal.Complain($"There is no certificate for {id}: it was not destroyed, or the next sweep has to end it first.");
                return ExitCode.Error;
            }

            if (await records.Destructions.VerifyAsync(id, certificate, cancellationToken) is { } fault)
            {
                terminal.Complain(fault);
                return ExitCode.Error;
            }

            // The very bytes, since the log's digest is over them.
            terminal.Out.Write(Encoding.UTF8.GetString(certificate.Text.Span));
            terminal.Error.WriteLine(
                $"SHA-256 {Convert.ToHexStringLower(certificate.Sha256)}, the digest of audit entry {certificate.ResultEntry}.");
            return ExitCode.Ok;
        });
        return verb;
    }
}
