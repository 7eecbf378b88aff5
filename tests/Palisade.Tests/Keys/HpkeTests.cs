using NSec.Cryptography;
using Palisade.Keys;

namespace Palisade.Tests.Keys;

/// <summary>
/// The base-mode entry of the CFRG's test-vectors.json for KEM 0x0020, KDF 0x0001, AEAD 0x0002, first encryption. RFC 9180
/// itself prints only the entries of other AEADs.
/// </summary>
public sealed class HpkeTests
{
    private static readonly byte[] RecipientPrivate = Convert.FromHexString("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d");
    private static readonly byte[] EphemeralPrivate = Convert.FromHexString("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
    private static readonly byte[] Info = "Ode on a Grecian Urn"u8.ToArray();
    private static readonly byte[] Associated = "Count-0"u8.ToArray();
    private static readonly byte[] Clear = "Beauty is truth, truth beauty"u8.ToArray();

    private static readonly byte[] Message = Convert.FromHexString(
        "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256" +
        "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a");

    [Fact]
    public void The_published_message_comes_out_bit_for_bit()
    {
        using var recipient = Import(RecipientPrivate);
        using var ephemeral = Import(EphemeralPrivate);

        var message = Hpke.Seal(ephemeral, recipient.PublicKey, Info, Associated, Clear);

        Assert.Equal(Convert.ToHexStringLower(Message), Convert.ToHexStringLower(message));
    }

    [Fact]
    public void The_published_message_opens_and_no_changed_one_does()
    {
        using var recipient = Import(RecipientPrivate);
        var clear = new byte[Clear.Length];

        Assert.True(Hpke.TryOpen(recipient, Info, Associated, Message, clear));
        Assert.Equal(Clear, clear);
        for (var i = 0; i < Message.Length; i++)
        {
            var changed = (byte[])Message.Clone();
            changed[i] ^= 1;
            Assert.False(Hpke.TryOpen(recipient, Info, Associated, changed, clear));
        }

        Assert.False(Hpke.TryOpen(recipient, "another use"u8, Associated, Message, clear));
        Assert.False(Hpke.TryOpen(recipient, Info, "Count-1"u8, Message, clear));
    }

    [Fact]
    public void The_point_of_order_one_is_refused()
    {
        using var recipient = Import(RecipientPrivate);
        byte[] message = [.. new byte[Hpke.PublicKeyBytes], .. Message[Hpke.PublicKeyBytes..]];

        Assert.False(Hpke.TryOpen(recipient, Info, Associated, message, new byte[Clear.Length]));
    }

    private static Key Import(byte[] raw) => Key.Import(KeyAgreementAlgorithm.X25519, raw, KeyBlobFormat.RawPrivateKey);
}
