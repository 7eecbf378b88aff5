namespace Palisade.Decoder.Contract;

/// <summary>The forms a picture can come in. The numbers cross the pipe; the fixed list is the allow-list.</summary>
public enum PictureForm
{
    /// <summary>The header said nothing that we know.</summary>
    Unknown = 0,
    Jpeg = 1,
    Png = 2,
    Webp = 3,
    Gif = 4,
    Tiff = 5,
    Avif = 6,
    Heic = 7,
}

/// <summary>The words for <see cref="PictureForm"/> that callers see.</summary>
public static class PictureForms
{
    /// <summary>Every form that may be decoded, where the system has a decoder for it.</summary>
    public static IReadOnlyList<PictureForm> All { get; } =
    [
        PictureForm.Jpeg, PictureForm.Png, PictureForm.Webp, PictureForm.Gif, PictureForm.Tiff, PictureForm.Avif,
        PictureForm.Heic,
    ];

    /// <summary>The lower-case word, or null for <see cref="PictureForm.Unknown"/>.</summary>
    public static string? Word(this PictureForm form) => form switch
    {
        PictureForm.Jpeg => "jpeg",
        PictureForm.Png => "png",
        PictureForm.Webp => "webp",
        PictureForm.Gif => "gif",
        PictureForm.Tiff => "tiff",
        PictureForm.Avif => "avif",
        PictureForm.Heic => "heic",
        _ => null,
    };

    public static bool TryParse(string word, out PictureForm form)
    {
        form = All.FirstOrDefault(candidate => string.Equals(candidate.Word(), word, StringComparison.Ordinal));
        return form != PictureForm.Unknown;
    }
}
