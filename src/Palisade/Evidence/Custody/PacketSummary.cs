using System.Globalization;
using System.Net;
using System.Text;
using Palisade.Audit;
using Palisade.Audit.Notes;

namespace Palisade.Evidence.Custody;

/// <summary>
/// The packet in plain words, as one HTML page without scripts, pictures or addresses: dark on a screen, black on white on
/// paper. Everything that came from outside is text.
/// </summary>
internal static class PacketSummary
{
    public const string FileName = "summary.html";

    private const string Style =
        """
        :root { color-scheme: dark light; }
        body { background: #14171c; color: #d6dae0; font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 2rem; }
        h1, h2 { color: #f0f2f5; font-weight: 600; line-height: 1.25; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
        table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid #2b313a; padding: .45rem .6rem; text-align: left; vertical-align: top; }
        th { color: #9aa4b2; font-weight: 500; } code { font: .85em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
        .mark { background: #3a2f14; border-left: 4px solid #d9a514; padding: .7rem 1rem; }
        @media print { body { background: #fff; color: #000; max-width: none; padding: 0; } h1, h2, th { color: #000; } th, td { border-color: #999; } .mark { background: #fff; border: 1px solid #000; } }
        """;

    public static byte[] Write(PacketManifest manifest, ReleaseStatement statement, IReadOnlyList<AuditRecord> events, Checkpoint checkpoint)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Custody packet of {Text(manifest.Case)}</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>Custody packet of case <code>{Text(manifest.Case)}</code></h1>
            <p>Made on {Moment(manifest.CreatedAt)} by Palisade. It holds {Count(statement.Evidence.Count, "piece")} of evidence and says who
            did what to them, from the moment of sealing to this release. It can be checked without its makers and without a network.</p>

            """);
        if (manifest.SoleOperator)
        {
            page.Append(
                """
                <p class="mark">This deployment is run by one person. The release was approved by the same person who asked for it, at
                least 24 hours later, and not by a second one.</p>

                """);
        }

        page.Append(CultureInfo.InvariantCulture, $"""
            <h2>What to do with it</h2>
            <ol>
            <li>Unpack it, open a terminal in its folder and run <code>python3 verify.py</code>. It says in one line whether the packet is whole.</li>
            <li>{(statement.Recipient is Recipient.Sealed
                ? "The originals are sealed for the deployment that made this packet. It proves what was kept and that it has not changed; only that deployment can open it."
                : "Open an original with your key: <code>openssl cms -decrypt -inform DER -in evidence/NAME.cms -inkey KEY.pem -out NAME.bin</code>; facts likewise, which are JSON and give the SHA-256 of the original.")}</li>
            <li>Compare the public key in <code>log/key.txt</code> with the one you got from the deployment by another way.</li>
            </ol>
            <h2>Evidence</h2>
            <table><tr><th>Id</th><th>Size of the original</th><th>Kept since</th><th>SHA-256 of the sealed file</th></tr>

            """);
        foreach (var piece in statement.Evidence)
        {
            page.Append(CultureInfo.InvariantCulture, $"""
                <tr><td><code>{Text(piece.Id.ToString())}</code></td><td>{piece.SizeBytes:#,0} bytes</td><td>{Moment(piece.AdmittedAt)}</td><td><code>{Convert.ToHexStringLower(piece.SealedSha256)}</code></td></tr>

                """);
        }

        page.Append(CultureInfo.InvariantCulture, $"""
            </table>
            <h2>Who did what</h2>
            <p>{Count(events.Count, "entry", "entries")} of the deployment's audit log, oldest first. People appear by pseudonyms. Each entry comes with a
            proof that the log's signed checkpoint of {checkpoint.Size:#,0} entries covers it.</p>
            <table><tr><th>Entry</th><th>When</th><th>What</th><th>To what</th><th>By</th><th>Why</th></tr>

            """);
        foreach (var entry in events)
        {
            page.Append(CultureInfo.InvariantCulture, $"""
                <tr><td>{entry.Number}</td><td>{Moment(entry.At)}</td><td>{Text(entry.Action)}</td><td><code>{Text(entry.Subject)}</code></td><td><code>{Text(entry.Actor)}</code></td><td>{Text(entry.Reason)}</td></tr>

                """);
        }

        page.Append(CultureInfo.InvariantCulture, $"""
            </table>
            <h2>What was released</h2>
            <p>To: <code>{Text(manifest.To)}</code>. Entry {manifest.LogEntry} of the log announced it before the first byte left, and holds the SHA-256 of
            <code>{ReleaseStatement.FileName}</code>: <code>{Convert.ToHexStringLower(statement.Digest())}</code>.</p>
            <p>A checkpoint proves that history was not rewritten. It does not prove that what was entered was true.</p>
            </body>
            </html>

            """);
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Count(int number, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many ?? one + "s")}");
}
