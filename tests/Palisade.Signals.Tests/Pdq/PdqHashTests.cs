using System.Globalization;
using CsCheck;
using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests.Pdq;

public sealed class PdqHashTests
{
    private const string Text = "d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

    public static readonly Gen<PdqHash> Hashes =
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong, (a, b, c, d) => new PdqHash(a, b, c, d));

    [Fact]
    public void A_hash_reads_back_as_it_was_written()
    {
        Hashes.Sample(hash =>
        {
            Assert.Equal(hash, PdqHash.Parse(hash.ToString()));
            Assert.Equal(hash, PdqHash.Parse(hash.ToString().ToUpperInvariant()));
            Assert.Equal(hash, PdqHash.FromBytes(hash.ToBytes()));
            Assert.Equal(hash.ToString(), string.Create(CultureInfo.InvariantCulture, $"{hash}"));
        });
    }

    [Fact]
    public void A_hash_is_written_in_lower_case_with_the_last_coefficient_first()
    {
        var hash = PdqHash.Parse(Text.ToUpperInvariant());

        Assert.Equal(Text, hash.ToString());
        Assert.True(hash[255]);
        Assert.False(hash[253]);
        Assert.False(hash[0]);
        Assert.True(hash[1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d8f8")]
    [InlineData("d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b2")]
    [InlineData("d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b220")]
    [InlineData("g8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22")]
    [InlineData(" d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b2")]
    [InlineData("0xd8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b")]
    [InlineData("d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b\u0660\u0661")]
    public void Text_that_is_not_64_hexadecimal_digits_is_refused(string text)
    {
        Assert.False(PdqHash.TryParse(text, out var hash));
        Assert.Equal(default, hash);
        Assert.Throws<FormatException>(() => PdqHash.Parse(text));
    }

    [Fact]
    public void Distance_counts_the_bits_that_differ()
    {
        Gen.Select(Hashes, Hashes).Sample((left, right) =>
        {
            var differing = Enumerable.Range(0, PdqHash.BitCount).Count(bit => left[bit] != right[bit]);

            Assert.Equal(differing, left.DistanceTo(right));
            Assert.Equal(differing, right.DistanceTo(left));
            Assert.Equal(0, left.DistanceTo(left));
            Assert.Equal(left.PopCount, left.DistanceTo(default));
        });
    }

    [Fact]
    public void A_short_destination_takes_no_text()
    {
        Assert.False(PdqHash.Parse(Text).TryFormat(new char[63], out var written, default, null));
        Assert.Equal(0, written);
    }
}
