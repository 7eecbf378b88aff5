using CsCheck;
using Palisade.Keys;

namespace Palisade.Tests.Keys;

public sealed class SharesTests
{
    [Fact]
    public void Any_k_of_n_shares_give_the_secret_back() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Int[2, 7], Gen.Int[0, 5], Gen.Int[0, int.MaxValue]).Sample(
            (secret, threshold, more, seed) =>
            {
                var shares = Shares.Split(secret, threshold, threshold + more);
                var chosen = shares.Select((y, i) => (X: (byte)(i + 1), Y: y))
                    .OrderBy(share => HashCode.Combine(seed, share.X)).Take(threshold).ToList();

                var combined = new byte[32];
                Shares.Combine(chosen, combined);

                return combined.AsSpan().SequenceEqual(secret);
            },
            iter: 500);

    [Fact]
    public void Fewer_shares_fit_every_secret_equally_well()
    {
        // With one share short, each value of the missing one gives another secret: all 256 values of a byte appear once.
        var shares = Shares.Split([42], 3, 5);

        var seen = Enumerable.Range(0, 256).Select(guess =>
        {
            var secret = new byte[1];
            Shares.Combine([(1, shares[0]), (2, shares[1]), (3, [(byte)guess])], secret);
            return secret[0];
        });

        Assert.Equal(256, seen.Distinct().Count());
    }

    /// <summary>Worked by hand from 0x53 * 0xca = 1 in AES's field (FIPS 197, section 4.2).</summary>
    [Fact]
    public void The_field_is_the_one_of_aes()
    {
        // The line through (1, 0x53 + 0xca) and (2, ...) with slope 0xca: f(x) = 0x53 + 0xca x; f(2) needs 0xca * 2 = 0x8f.
        var secret = new byte[1];
        Shares.Combine([(1, [0x53 ^ 0xca]), (2, [0x53 ^ 0x8f])], secret);

        Assert.Equal(0x53, secret[0]);
    }

    [Fact]
    public void A_share_survives_being_written_down_and_typed_in_badly()
    {
        var share = new ShareText([1, 2, 3, 4], 3, 5, 2, [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))]);
        var text = share.Write();
        var typed = "  " + text.ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal)
            .Replace('0', 'O').Replace("1", "l", StringComparison.Ordinal)[4..].Insert(0, "PSS1");

        Assert.True(ShareText.TryRead(typed, out var read));
        Assert.Equal(share.Share, read.Share);
        Assert.Equal((3, 5, 2), (read.Threshold, read.Count, read.Number));
        Assert.DoesNotContain(text[10..20], share.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_wrong_sign_anywhere_in_a_share_is_noticed()
    {
        var text = new ShareText([9, 8, 7, 6], 2, 3, 1, new byte[32]).Write();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '-')
            {
                var wrong = text.Remove(i, 1).Insert(i, text[i] == 'q' ? "r" : "q");
                Assert.False(ShareText.TryRead(wrong, out _), $"sign {i}");
            }

            Assert.False(ShareText.TryRead(text[..i], out _));
        }
    }
}
