using Microsoft.Extensions.Logging.Abstractions;
using Palisade.Decoding;
using Palisade.Server.Demo;
using Palisade.Testing;

namespace Palisade.Server.Tests.Cli;

/// <summary>Benign pictures as files, drawn once for a class of tests.</summary>
public sealed class DrawnFiles : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>A picture as JPEG.</summary>
    public string Lake => _folder["lake.jpg"];

    /// <summary>The same picture mirrored, as PNG.</summary>
    public string MirroredLake => _folder["lake-mirrored.png"];

    /// <summary>The same picture saved again, small and recoloured.</summary>
    public string AlteredLake => _folder["lake-altered.webp"];

    /// <summary>Another picture.</summary>
    public string Cobbles => _folder["cobbles.png"];

    public Picture LakePixels { get; } = BenignPictures.Draw(11, PictureKind.MountainLake, 320, 240);

    public Picture CobblesPixels { get; } = BenignPictures.Draw(12, PictureKind.Cobbles, 320, 240);

    public async ValueTask InitializeAsync()
    {
        await using var encoder = new DecoderPool(
            new DecoderOptions
            {
                ProgramFolder = DecoderProgram.Folder,
                Workers = 1,
                Sandbox = SandboxRequirement.AllowUnsandboxedDecodingOfUntrustedFiles,
            },
            TimeProvider.System,
            NullLogger<DecoderPool>.Instance);
        await encoder.StartAsync(TestContext.Current.CancellationToken);
        await SaveAsync(encoder, Lake, LakePixels, "jpeg");
        await SaveAsync(encoder, MirroredLake, Alterations.Mirrored(LakePixels), "png");
        await SaveAsync(encoder, AlteredLake, Alterations.Recoloured(Alterations.Resized(LakePixels, 200, 150)), "webp");
        await SaveAsync(encoder, Cobbles, CobblesPixels, "png");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task SaveAsync(DecoderPool encoder, string path, Picture picture, string format)
    {
        var bytes = await encoder.EncodeAsync(
            picture.Rgb, picture.Width, picture.Height, format, 90, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
    }
}
