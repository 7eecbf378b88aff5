using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>
/// Reads <c>reportResponse</c> and <c>reportDoneResponse</c>. The encoding is the XML declaration's, not the HTTP header's,
/// which has been seen to be wrong; no DTD; 64 KiB at most.
/// </summary>
internal static class AnswerReader
{
    public const int MaxBytes = 64 * 1024;

    /// <returns>False when it is neither of the two documents.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> body, TipAnswer blank, out TipAnswer answer)
    {
        answer = blank;
        if (body.Length > MaxBytes || Parse(body) is not { } root || root.Name.LocalName is not ("reportResponse" or "reportDoneResponse") ||
            !int.TryParse(Text(root, "responseCode"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var code))
        {
            return false;
        }

        answer = blank with
        {
            Code = code,
            Class = AnswerCodes.ClassOf(code),
            Description = Text(root, "responseDescription") ?? "",
            ReportId = long.TryParse(Text(root, "reportId"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var id) ? id : null,
            FileId = Text(root, "fileId"),
            Hash = Text(root, "hash"),
            FileIds = [.. root.Elements("files").Elements("fileId").Select(file => file.Value.Trim())],
        };
        return true;
    }

    private static XElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var stream = new MemoryStream(body.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, Schema.ReaderSettings(MaxBytes));
            return XDocument.Load(reader).Root;
        }
        catch (XmlException)
        {
            return null;
        }
        catch (ArgumentException)
        {
            // The declaration names an encoding that nobody has.
            return null;
        }
    }

    private static string? Text(XElement root, string name) => root.Element(name)?.Value.Trim();
}
