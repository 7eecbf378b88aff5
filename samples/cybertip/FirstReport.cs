using Palisade.CyberTipline;

namespace CyberTipSample;

/// <summary>The README's example: one report with one file, against any environment.</summary>
public static class FirstReport
{
    public static async Task<TipAnswer> FileAsync(CyberTiplineEndpoint endpoint, FileStream picture, DateTimeOffset uploadedAt, CancellationToken stop)
    {
        var tip = new CyberTip
        {
            IncidentSummary = new IncidentSummary { IncidentType = IncidentType.ChildPornography, IncidentDateTime = uploadedAt },
            Reporter = new Reporter { ReportingPerson = new Person { Emails = [new Email("trust-safety@platform.example")] } },
        };
        var document = CyberTipWriter.Write(tip);
        var faults = DocumentCheck.Check(document.Bytes, new CheckContext { Now = TimeProvider.System.GetUtcNow(), FileCount = 1 });
        if (faults.Count > 0) throw new InvalidOperationException(string.Join('\n', faults));
        using var client = new CyberTiplineClient(endpoint);
        var opened = await client.SubmitAsync(document.Bytes, stop);
        if (opened.Class != AnswerClass.Success) return opened;      // store each answer before the next step
        var report = new OpenReport(client.Environment, opened.ReportId!.Value);
        var uploaded = await client.UploadAsync(report, "picture", picture, picture.Length, stop);
        return uploaded.Class == AnswerClass.Success ? await client.FinishAsync(report, stop) : await client.RetractAsync(report, stop);
    }
}
