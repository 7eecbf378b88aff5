using System.Globalization;
using Palisade.Decoding;

namespace Palisade.Server.Demo;

/// <summary>One file of the demo.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="WhatItIs">In a newcomer's words.</param>
/// <param name="Expected">The verdict that it should get.</param>
public sealed record DemoFile(string Path, string WhatItIs, string Expected)
{
    public string Name => System.IO.Path.GetFileName(Path);
}

/// <summary>
/// Draws the demo's pictures into a folder: some for the practice bank, and uploads that are those pictures as they are,
/// changed as pictures change on their way, or other pictures altogether.
/// </summary>
public sealed class DemoPictures
{
    private const int Banked = 6;
    private const int Unrelated = 18;
    private const int Width = 640;
    private const int Height = 480;

    private DemoPictures(IReadOnlyList<DemoFile> originals, IReadOnlyList<DemoFile> uploads)
    {
        Originals = originals;
        Uploads = uploads;
    }

    /// <summary>What goes into the practice bank.</summary>
    public IReadOnlyList<DemoFile> Originals { get; }

    /// <summary>What is uploaded, in this order.</summary>
    public IReadOnlyList<DemoFile> Uploads { get; }

    /// <summary>How many pictures are drawn.</summary>
    public static int Count => Banked + Unrelated;

    /// <param name="drawn">Told after each picture how many are done.</param>
    public static async Task<DemoPictures> DrawAsync(
        string folder, DecoderPool encoder, Action<int> drawn, CancellationToken cancellationToken)
    {
        var originals = new List<DemoFile>();
        var uploads = new List<DemoFile>();
        var bankFolder = Directory.CreateDirectory(Path.Combine(folder, "bank")).FullName;
        var uploadFolder = Directory.CreateDirectory(Path.Combine(folder, "uploads")).FullName;
        for (var number = 0; number < Count; number++)
        {
            var kind = BenignPictures.Kinds[number % BenignPictures.Kinds.Count];
            var name = string.Create(
                CultureInfo.InvariantCulture,
                $"{BenignPictures.NameOf(kind)}-{1 + number / BenignPictures.Kinds.Count}");
            var picture = BenignPictures.Draw(number + 1, kind, Width, Height);
            if (number < Banked)
            {
                originals.Add(await SaveAsync(bankFolder, $"{name}.jpg", "in the bank", "block", picture, "jpeg", 92));
                uploads.Add(await SaveAsync(uploadFolder, $"{name}.jpg", "the very same file", "block", picture, "jpeg", 92));
                uploads.Add(await SaveAsync(uploadFolder, $"{name}-resaved.jpg", "saved again, JPEG quality 50", "hold", picture, "jpeg", 50));
                var smaller = Alterations.Resized(picture, 400, 300);
                uploads.Add(await SaveAsync(uploadFolder, $"{name}-resized.webp", "resized to 400 x 300, as WebP", "hold", smaller, "webp", 80));
                var warmer = Alterations.Recoloured(picture);
                uploads.Add(await SaveAsync(uploadFolder, $"{name}-recoloured.jpg", "recoloured by a filter", "hold", warmer, "jpeg", 85));
                var mirrored = Alterations.Mirrored(picture);
                uploads.Add(await SaveAsync(uploadFolder, $"{name}-mirrored.png", "mirrored, as PNG", "hold", mirrored, "png", 100));
            }
            else
            {
                uploads.Add(await SaveAsync(uploadFolder, $"{name}.jpg", "another picture", "allow", picture, "jpeg", 88));
            }

            drawn(number + 1);
        }

        return new DemoPictures(originals, uploads);

        async Task<DemoFile> SaveAsync(
            string into, string name, string whatItIs, string expected, Picture picture, string format, int quality)
        {
            var bytes = await encoder.EncodeAsync(
                picture.Rgb, picture.Width, picture.Height, format, quality, cancellationToken);
            var path = Path.Combine(into, name);
            await File.WriteAllBytesAsync(path, bytes, cancellationToken);
            return new DemoFile(path, whatItIs, expected);
        }
    }
}
