using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Palisade.Signals.Regions;

namespace Palisade.Signals.Tests.Regions;

public sealed class VectorWidthTests
{
    private const string Variable = "PALISADE_TEST_PRINT_REGION_CODES";

    /// <summary>Run before any test, and instead of all, in the processes that the test below starts.</summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Usage", "CA2255", Justification = "The program of the tests itself is what has to run under other settings.")]
    internal static void PrintInsteadOfTesting()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            Console.Out.Write(DigestOfCodes());
            Console.Out.Flush();
            Environment.Exit(0);
        }
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableAVX")]
    public async Task Codes_are_the_same_to_the_bit_on_every_width_of_vector(string switchedOff)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment[Variable] = "1";
        start.Environment[switchedOff] = "0";

        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(DigestOfCodes(), printed);
    }

    private static string DigestOfCodes()
    {
        var extractor = new RegionExtractor();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (seed, width, height) in new[] { (1, 480, 360), (2, 333, 501), (3, 1200, 900) })
        {
            var picture = DrawnPictures.Draw(seed, width, height);
            digest.AppendData(picture.Enrol(extractor, RegionCodes.DensePoints).Bytes.Span);
            digest.AppendData(extractor.DrawMap().Bytes.Span);
            digest.AppendData(extractor.Query().ToBytes());
        }

        return Convert.ToHexString(digest.GetHashAndReset());
    }
}
