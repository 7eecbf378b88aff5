using Palisade.Server.Demo;
using Palisade.Signals.Pdq;

namespace Palisade.Server.Tests.Demo;

public sealed class BenignPicturesTests
{
    /// <summary>Two unrelated pictures lie near 128 bits apart; well above the match distance is enough to never mistake them.</summary>
    private const int WellApartBits = 60;

    [Fact]
    public void Every_picture_has_the_quality_that_a_bank_wants()
    {
        foreach (var (name, fingerprint) in DrawnForTheDemo())
        {
            Assert.True(fingerprint.Quality >= 80, $"{name} has quality {fingerprint.Quality}.");
        }
    }

    [Fact]
    public void No_two_pictures_look_alike()
    {
        var drawn = DrawnForTheDemo();

        foreach (var (first, second) in drawn.SelectMany((one, at) => drawn.Skip(at + 1).Select(other => (one, other))))
        {
            var distance = first.Fingerprint.Hash.DistanceTo(second.Fingerprint.Hash);
            Assert.True(distance > WellApartBits, $"{first.Name} and {second.Name} are {distance} bits apart.");
        }
    }

    [Theory]
    [InlineData(PictureKind.MountainLake)]
    [InlineData(PictureKind.Weave)]
    public void The_same_seed_draws_the_same_picture_and_another_seed_another(PictureKind kind)
    {
        var picture = BenignPictures.Draw(7, kind, 96, 64);

        Assert.True(picture.Rgb.Span.SequenceEqual(BenignPictures.Draw(7, kind, 96, 64).Rgb.Span));
        Assert.False(picture.Rgb.Span.SequenceEqual(BenignPictures.Draw(8, kind, 96, 64).Rgb.Span));
    }

    [Fact]
    public void A_resized_or_recoloured_picture_stays_within_the_match_distance()
    {
        foreach (var kind in BenignPictures.Kinds)
        {
            var picture = BenignPictures.Draw(3, kind, 320, 240);
            var hash = HashOf(picture).Hash;

            Assert.InRange(HashOf(Alterations.Resized(picture, 200, 150)).Hash.DistanceTo(hash), 0, PdqHash.DefaultMatchDistance);
            Assert.InRange(HashOf(Alterations.Recoloured(picture)).Hash.DistanceTo(hash), 0, PdqHash.DefaultMatchDistance);
        }
    }

    [Fact]
    public void A_mirrored_picture_is_found_by_the_mirrored_hash()
    {
        var picture = BenignPictures.Draw(5, PictureKind.Coast, 320, 240);

        var mirrored = HashOf(Alterations.Mirrored(picture));

        Assert.InRange(
            mirrored.Hashes[Orientation.FlipY].DistanceTo(HashOf(picture).Hash), 0, PdqHash.DefaultMatchDistance);
    }

    private static List<(string Name, PdqFingerprint Fingerprint)> DrawnForTheDemo() =>
    [
        .. Enumerable.Range(0, DemoPictures.Count).Select(number =>
        {
            var kind = BenignPictures.Kinds[number % BenignPictures.Kinds.Count];
            return ($"{kind} {number + 1}", HashOf(BenignPictures.Draw(number + 1, kind, 320, 240)));
        }),
    ];

    private static PdqFingerprint HashOf(Picture picture) =>
        new PdqHasher().HashRgb(picture.Rgb.Span, picture.Width, picture.Height);
}
