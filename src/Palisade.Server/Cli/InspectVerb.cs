using System.CommandLine;
using Palisade.Decoder.Contract;
using Palisade.Provenance;
using Palisade.Storage;

namespace Palisade.Server.Cli;

/// <summary><c>palisade inspect FILE...</c>: what files declare of their origin, and how strong that is.</summary>
internal static class InspectVerb
{
    public static Command Create(Terminal terminal)
    {
        var paths = PathArgument.Create("FILE", "Files or folders", ArgumentArity.OneOrMore);
        var json = new Option<bool>("--json") { Description = "One JSON object a line for every file" };
        var trust = new Option<string?>("--trust") { Description = "PEM file of the certificates you trust to sign claims" };
        var stamps = new Option<string?>("--trust-time") { Description = "PEM file of the certificates you trust to stamp the time" };
        var verb = new Verb(
            "inspect",
            "Show what files declare of their origin: signed content credentials, metadata, generators' texts, watermarks.",
            "palisade inspect picture.png",
            "palisade inspect --json --trust c2pa-trust-list.pem uploads/")
        {
            ExitCodes = "0 every file was read, 2 at least one was not",
        };
        verb.Add(paths);
        verb.Add(json);
        verb.Add(trust);
        verb.Add(stamps);
        verb.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(paths), parsed.GetValue(json),
            TrustList.Read(parsed.GetValue(trust), parsed.GetValue(stamps)), terminal, cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        string[] paths, bool asJson, TrustList trust, Terminal terminal, CancellationToken cancellationToken)
    {
        var files = PictureFiles.Find(paths, cancellationToken);
        await using var decoders = await LocalDecoders.StartAsync(files.Count, cancellationToken);
        var reader = new OriginReader(decoders.Pool, trust, TimeProvider.System);
        var failed = 0;
        foreach (var file in files)
        {
            var read = await UploadReader.ReadAsync(file, decoders.MaxFileBytes, cancellationToken);
            var origin = read is ReadUpload.Whole { Bytes: var bytes }
                ? await reader.ReadAsync(bytes, withPixels: true, cancellationToken)
                : null;
            failed += origin is null ? 1 : 0;
            if (asJson)
            {
                terminal.Out.WriteJsonLine(InspectLine.Of(file.Path, origin));
            }
            else
            {
                Print(file.Path, origin, terminal);
            }
        }

        return failed == 0 ? ExitCode.Ok : ExitCode.Error;
    }

    private static void Print(string path, Origin? origin, Terminal terminal)
    {
        Line(0, path);
        if (origin is null)
        {
            Line(1, "not read: this says nothing of its origin");
            return;
        }

        Line(1, $"{Words.Of(origin.Declared)}: {OriginWords.Of(origin.Declared)}");
        Line(1, $"{Words.Of(origin.Strength)}: {OriginWords.Of(origin.Strength)}");
        if (origin.FaceSwap)
        {
            Line(1, "a face was swapped, by the tool's own record");
        }

        foreach (var finding in origin.Findings)
        {
            Line(1, $"- {finding.Mechanism}: {Words.Of(finding.Declared)}{Tail(finding.Tool)}{Tail(finding.Detail)}");
        }

        if (origin.C2pa is { } c2pa)
        {
            Line(1, $"content credentials: {OriginWords.Of(c2pa.State)}{Tail(string.Join(", ", c2pa.Failures))}");
            foreach (var manifest in c2pa.Manifests.Reverse())
            {
                PrintManifest(manifest);
            }
        }

        foreach (var fault in origin.Malformed)
        {
            Line(1, "malformed: " + fault);
        }

        void PrintManifest(C2paManifest manifest)
        {
            var stamped = manifest.StampedAt is { } ms
                ? Tail("stamped " + DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture))
                : string.Empty;
            Line(2, $"{manifest.Generator ?? "unnamed program"}, signed by {manifest.SignerName ?? "nobody known"}{Tail(manifest.Signer)}{stamped}");
            foreach (var action in manifest.Actions)
            {
                Line(3, $"{action.Action}{Tail(action.SourceType)}{Tail(action.Software)}");
            }

            foreach (var ingredient in manifest.Ingredients)
            {
                Line(3, $"{ingredient.Relation}{Tail(ingredient.Title)}");
            }
        }

        void Line(int depth, string text) => terminal.Out.WriteLine(new string(' ', depth * 2) + Terminal.Escaped(text));
    }

    private static string Tail(string? text) => string.IsNullOrEmpty(text) ? string.Empty : ", " + text;
}
