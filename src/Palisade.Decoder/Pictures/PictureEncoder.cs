using NetVips;
using Palisade.Decoder.Contract;

namespace Palisade.Decoder.Pictures;

/// <summary>Encodes pixels of our own making, without any metadata.</summary>
internal static class PictureEncoder
{
    /// <param name="body">An <see cref="EncodeRequest"/> and its pixels.</param>
    public static Answer Encode(byte[] body)
    {
        if (EncodeRequest.TryRead(body) is not { } request)
        {
            return Answer.Of(new Failure(FailureReason.Corrupt, PictureForm.Unknown));
        }

        var pixels = body.AsSpan(EncodeRequest.HeaderBytes).ToArray();
        using var plain = Image.NewFromMemory(pixels, request.Width, request.Height, 3, Enums.BandFormat.Uchar);
        using var image = plain.Copy(interpretation: Enums.Interpretation.Srgb);
        const Enums.ForeignKeep nothing = Enums.ForeignKeep.None;
        try
        {
            return new Answer(MessageKind.Encoded, request.Form switch
            {
                PictureForm.Jpeg => image.JpegsaveBuffer(request.Quality, keep: nothing),
                PictureForm.Png => image.PngsaveBuffer(keep: nothing),
                PictureForm.Webp => image.WebpsaveBuffer(request.Quality, keep: nothing),
                PictureForm.Gif => image.GifsaveBuffer(keep: nothing),
                PictureForm.Tiff => image.TiffsaveBuffer(Enums.ForeignTiffCompression.Deflate, keep: nothing),
                _ => image.HeifsaveBuffer(
                    request.Quality, compression: Enums.ForeignHeifCompression.Av1, effort: 1, keep: nothing),
            });
        }
        catch (VipsException)
        {
            return Answer.Of(new Failure(FailureReason.OutOfMemory, request.Form));
        }
    }
}
