using Palisade.Signals.Pdq;

namespace Palisade.Signals.Tests;

public sealed class PdqHashTests
{
    [Fact]
    public void A_hash_reads_back_as_it_was_written()
    {
        const string Text = "d8f8f0cce0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

        var hash = PdqHash.Parse(Text);

        Assert.Equal(Text, hash.ToString());
        Assert.Equal(Text, PdqHash.Parse(Text.ToUpperInvariant()).ToString());
    }
}
