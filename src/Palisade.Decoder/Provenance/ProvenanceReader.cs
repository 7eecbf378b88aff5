using Palisade.Decoder.Contract;
using Palisade.Decoder.Headers;
using Palisade.Decoder.Pictures;
using Palisade.Decoder.Provenance.C2pa;
using Palisade.Decoder.Provenance.Containers;
using Palisade.Decoder.Provenance.Pixels;
using Palisade.Decoder.Provenance.Texts;

namespace Palisade.Decoder.Provenance;

/// <summary>Reads everything that a file declares of its origin. A fault in one place hides no other.</summary>
internal static class ProvenanceReader
{
    /// <param name="body">A <see cref="ProvenanceRequest"/> and an upload.</param>
    public static Answer Read(byte[] body, WorkerSettings settings)
    {
        if (ProvenanceRequest.TryRead(body) is not { } request)
        {
            return Answer.Fail(FailureReason.Corrupt, PictureForm.Unknown);
        }

        var file = new ReadOnlyMemory<byte>(body, request.HeaderBytes, body.Length - request.HeaderBytes);
        if (file.IsEmpty)
        {
            return Answer.Fail(FailureReason.Empty, PictureForm.Unknown);
        }

        try
        {
            var answer = Read(file, request, settings).ToBytes();
            return answer.Length <= ProvenanceAnswer.MaxBytes
                ? new Answer(MessageKind.ProvenanceRead, answer)
                : Answer.Fail(FailureReason.Corrupt, FormSniffer.Identify(file.Span));
        }
        catch (OutOfMemoryException)
        {
            return Answer.Fail(FailureReason.OutOfMemory, FormSniffer.Identify(file.Span));
        }
    }

    private static ProvenanceAnswer Read(ReadOnlyMemory<byte> file, ProvenanceRequest request, WorkerSettings settings)
    {
        var parts = new FileParts();
        var findings = new List<ProvenanceFinding>();
        var form = FormSniffer.Identify(file.Span);
        switch (form)
        {
            case PictureForm.Jpeg:
                JpegParts.Read(file, parts);
                break;
            case PictureForm.Png:
                PngParts.Read(file, parts);
                break;
            case PictureForm.Webp:
                RiffParts.Read(file, parts);
                break;
            default:
                if (BoxParts.IsBoxFile(file.Span))
                {
                    BoxParts.Read(file, parts);
                }

                break;
        }

        using var trust = CertificateTrust.Read(request.Anchors.Span);
        var c2pa = ManifestStore.Read(file, parts, trust, DateTimeOffset.FromUnixTimeMilliseconds(request.Now), findings);
        Exif.Read(parts);
        Xmp.Read(parts, findings);
        GeneratorText.Read(parts.Texts, findings);
        if (request.WithPixels)
        {
            PixelReader.Read(form, file, settings, parts, findings);
        }

        return Bounds.Keep(new ProvenanceAnswer { Findings = findings, C2pa = c2pa, Malformed = parts.Malformed });
    }
}
