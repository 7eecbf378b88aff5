using System.Text;
using CsCheck;
using Palisade.Signals.Digests;

namespace Palisade.Signals.Tests.Digests;

public sealed class DigestCalculatorTests
{
    // RFC 1321 appendix A.5; FIPS 180 example values.
    [Theory]
    [InlineData(
        "",
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(
        "abc",
        "900150983cd24fb0d6963f7d28e17f72",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData(
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "8215ef0796a20bcaaae116d3876c664a",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Published_texts_have_their_published_digests(string text, string md5, string sha1, string sha256)
    {
        var digests = DigestCalculator.Compute(Encoding.ASCII.GetBytes(text));

        Assert.Equal(md5, digests.Md5.ToString());
        Assert.Equal(sha1, digests.Sha1.ToString());
        Assert.Equal(sha256, digests.Sha256.ToString());
    }

    [Theory]
    [InlineData("message digest", "f96b697d7cb7938d525a2f31aaf161d0")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b")]
    public void The_md5_suite_of_its_rfc_is_met(string text, string md5) =>
        Assert.Equal(md5, DigestCalculator.Compute(Encoding.ASCII.GetBytes(text)).Md5.ToString());

    [Fact]
    public void Bytes_in_portions_give_the_digests_of_the_whole_and_the_calculator_begins_anew()
    {
        using var calculator = new DigestCalculator();

        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 64]).Sample(
            (bytes, portion) =>
            {
                for (var at = 0; at < bytes.Length; at += portion)
                {
                    calculator.Append(bytes.AsSpan(at, Math.Min(portion, bytes.Length - at)));
                }

                Assert.Equal(DigestCalculator.Compute(bytes), calculator.Finish());
            },
            threads: 1);
    }

    [Theory]
    [InlineData(DigestType.Md5, 32)]
    [InlineData(DigestType.Sha1, 40)]
    [InlineData(DigestType.Sha256, 64)]
    public void A_digest_reads_only_text_of_its_own_length(DigestType type, int digits)
    {
        var text = new string('A', digits);

        Assert.True(Digest.TryParse(type, text, out var digest));
        Assert.Equal(text.ToLowerInvariant(), digest.ToString());
        Assert.False(Digest.TryParse(type, text + "aa", out _));
        Assert.False(Digest.TryParse(type, text.AsSpan(1), out _));
        Assert.False(Digest.TryParse(type, $"x{text.AsSpan(1)}", out _));
    }

    [Fact]
    public void Digests_of_two_types_with_the_same_leading_bytes_differ()
    {
        var md5 = new Digest(DigestType.Md5, new byte[16]);
        var sha1 = new Digest(DigestType.Sha1, new byte[20]);

        Assert.NotEqual(md5, sha1);
    }
}
