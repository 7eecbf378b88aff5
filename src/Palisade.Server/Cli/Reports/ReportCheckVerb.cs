using System.CommandLine;
using Palisade.CyberTipline;

namespace Palisade.Server.Cli.Reports;

/// <summary><c>palisade report check FILE...</c>: holds CyberTipline documents against the schema and the rules beyond it.</summary>
internal static class ReportCheckVerb
{
    private const long MaxFileBytes = 64 << 20;

    public static Command Create(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE") { Description = "A report or fileDetails document", Arity = ArgumentArity.OneOrMore };
        var schema = new Option<string?>("--schema")
        {
            Description = "The authority's own schema, as it answers on /xsd: 2026 additions that it has are allowed",
            HelpName = "XSD",
        };
        var batched = new Option<bool>("--batched") { Description = "The fileDetails documents belong to a batched report" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every file" };
        var verb = new Verb(
            "check",
            "Check CyberTipline documents: the schema, then the rules beyond it. Nothing is sent.",
            "palisade report check report.xml",
            "palisade report check --json drafts/*.xml")
        {
            ExitCodes = "0 every document is valid, 2 at least one is not; the reasons are printed",
        };
        verb.Add(files);
        verb.Add(schema);
        verb.Add(batched);
        verb.Add(json);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var context = new CheckContext
            {
                Now = TimeProvider.System.GetUtcNow(),
                IsBatched = parsed.GetValue(batched),
                Target = await ReadSchemaAsync(parsed.GetValue(schema), cancellationToken),
            };
            return await RunAsync(parsed.GetRequiredValue(files), context, parsed.GetValue(json), terminal, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> RunAsync(
        string[] files, CheckContext context, bool asJson, Terminal terminal, CancellationToken cancellationToken)
    {
        var code = ExitCode.Ok;
        foreach (var file in files)
        {
            var faults = DocumentCheck.Check(await ReadAsync(file, cancellationToken), context);
            code = faults.Count == 0 ? code : ExitCode.Error;
            if (asJson)
            {
                terminal.Out.WriteJsonLine(new CheckLine(file, faults.Count == 0, faults));
                continue;
            }

            terminal.Out.WriteLine($"{Terminal.Escaped(file)}: {(faults.Count == 0 ? "valid" : "not valid")}");
            foreach (var fault in faults)
            {
                var line = fault.Line > 0 ? $"line {fault.Line}: " : "";
                terminal.Out.WriteLine($"  {line}{Terminal.Escaped(fault.ToString())}");
            }
        }

        return code;
    }

    private static async Task<LiveSchema?> ReadSchemaAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            return LiveSchema.Parse(await ReadAsync(path, cancellationToken));
        }
        catch (System.Xml.XmlException fault)
        {
            throw new IOException($"'{path}' is no XML schema. Save what the authority answers on /xsd.", fault);
        }
    }

    private static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken) =>
        !File.Exists(path) ? throw new IOException($"There is no file '{path}'.")
        : new FileInfo(path).Length > MaxFileBytes ? throw new IOException($"'{path}' has more than 64 MiB, which no report has.")
        : await File.ReadAllBytesAsync(path, cancellationToken);

    private sealed record CheckLine(string File, bool IsValid, IReadOnlyList<DocumentFault> Faults);
}
