using System.Globalization;
using System.Text;
using System.Xml;
using Microsoft.AspNetCore.Http;

namespace Palisade.Server.FakeAuthority;

/// <summary>What the rehearsal authority answers, before any fault is made of it.</summary>
internal sealed record FakeAnswer(int Code, string Description)
{
    public int HttpStatus { get; init; } = StatusCodes.Status200OK;

    public long? ReportId { get; init; }

    public string? FileId { get; init; }

    public string? Hash { get; init; }

    /// <summary>Set for <c>reportDoneResponse</c>.</summary>
    public IReadOnlyList<string>? FileIds { get; init; }

    /// <summary>Set for <c>/xsd</c> and the inspection, whose answer is another document.</summary>
    public ReadOnlyMemory<byte>? Document { get; init; }

    public string ContentType { get; init; } = "text/xml; charset=utf-8";

    public ReadOnlyMemory<byte> ToBytes()
    {
        if (Document is { } document)
        {
            return document;
        }

        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n" }))
        {
            xml.WriteStartElement(FileIds is null ? "reportResponse" : "reportDoneResponse");
            xml.WriteElementString("responseCode", Code.ToString(CultureInfo.InvariantCulture));
            if (FileIds is null)
            {
                xml.WriteElementString("responseDescription", Description);
            }

            Write(xml, "reportId", ReportId?.ToString(CultureInfo.InvariantCulture));
            Write(xml, "fileId", FileId);
            Write(xml, "hash", Hash);
            if (FileIds is not null)
            {
                xml.WriteStartElement("files");
                foreach (var id in FileIds)
                {
                    xml.WriteElementString("fileId", id);
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        return bytes.ToArray();
    }

    private static void Write(XmlWriter xml, string name, string? value)
    {
        if (value is not null)
        {
            xml.WriteElementString(name, value);
        }
    }
}
