using System.Xml.Linq;

namespace Palisade.CyberTipline;

/// <summary>Rules on the details of one file: .</summary>
internal static class FileRules
{
    private static readonly string[] NotBatched =
        ["originalFileName", "fileName", "locationOfFile", "originalFileHash", "ipCaptureEvent", "deviceId", "details", "additionalInfo"];

    public static IEnumerable<DocumentFault> Check(XElement file, CheckContext context)
    {
        var faults = new List<DocumentFault>();
        if (file.Element("exifViewedByEsp") is { } metadata && metadata.IsTrue() && !file.Element("fileViewedByEsp").IsTrue())
        {
            faults.Add(metadata.Fault("R-14", "is true, so fileViewedByEsp must be true"));
        }

        var isSupplemental = file.Element("fileRelevance")?.Value == "Supplemental Reported";
        var meme = file.Element("fileAnnotations")?.Element("potentialMeme") ??
            file.Elements("potentialMeme").FirstOrDefault(element => element.IsTrue());
        if (isSupplemental && file.Element("industryClassification") is { } rank)
        {
            faults.Add(rank.Fault("R-15", "cannot be given for a file that is Supplemental Reported"));
        }

        if (isSupplemental && meme is not null)
        {
            faults.Add(meme.Fault("R-15", "cannot be given for a file that is Supplemental Reported"));
        }

        return context.IsBatched ? [.. faults, .. CheckBatched(file)] : faults;
    }

    private static IEnumerable<DocumentFault> CheckBatched(XElement file)
    {
        foreach (var other in file.Elements().Where(element => Array.IndexOf(NotBatched, element.Name.LocalName) >= 0))
        {
            yield return other.Fault("R-17", "has no place in the details of a batched report's file");
        }

        if (file.Element("fileRelevance") is { } relevance && relevance.Value != "Reported")
        {
            yield return relevance.Fault("R-17", "has to be Reported in a batched report");
        }

        var marks = file.Element("fileAnnotations")?.Elements().ToList() ?? [];
        foreach (var mark in marks.Where(mark => mark.Name.LocalName is not ("viral" or "potentialMeme")))
        {
            yield return mark.Fault("R-17", "has no place in a batched report, whose file is viral, potentialMeme or both");
        }

        if (!marks.Exists(mark => mark.Name.LocalName is "viral" or "potentialMeme"))
        {
            yield return file.Fault("R-17", "needs viral or potentialMeme in a batched report");
        }
    }
}
