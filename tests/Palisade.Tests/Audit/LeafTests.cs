using System.Text;
using CsCheck;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Tests.Audit;

public sealed class LeafTests
{
    private const string Digest = "f35cf5b361b0eaf7b0c02e75808e260e3f379c4745abe45552ba768e85687749";

    private static readonly AuditRecord Revealed = new()
    {
        Number = 1,
        At = new DateTimeOffset(2027, 3, 1, 12, 0, 0, 123, TimeSpan.Zero),
        Action = "case.revealed",
        Actor = "act_00112233445566778899aabbccddeeff",
        Subject = "case/cas_000102030405060708090a0b0c0d0e0f",
        Digest = Convert.FromHexString(Digest),
        Reason = "to decide the case",
    };

    private static readonly AuditRecord Ended = new()
    {
        Number = 2,
        At = new DateTimeOffset(2027, 3, 1, 12, 0, 30, TimeSpan.Zero),
        Action = "case.reveal-ended",
        Actor = "act_00112233445566778899aabbccddeeff",
        Subject = "case/cas_000102030405060708090a0b0c0d0e0f",
        ResultOf = 1,
    };

    /// <summary>The vectors of docs/reference/audit-log.md; hashes and signature were made there with Python and OpenSSL.</summary>
    [Fact]
    public void Leaves_tree_and_checkpoint_are_byte_for_byte_as_documented()
    {
        using var key = SigningKey.FromSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)], "palisade.example/audit", NoteKeyKind.Log);
        var hashes = new[] { Revealed, Ended }.Select(record => TreeHash.OfLeaf(record.ToLeaf())).ToArray();
        var root = TreeHash.OfNode(hashes[0], hashes[1]);
        var text = new Checkpoint("palisade.example/audit", 2, root).Text;

        Assert.Equal(
            $"palisade-audit/v1\n1\n2027-03-01T12:00:00.123Z\ncase.revealed\nact_00112233445566778899aabbccddeeff\n" +
            $"case/cas_000102030405060708090a0b0c0d0e0f\n{Digest}\n\nto decide the case\n",
            Encoding.UTF8.GetString(Revealed.ToLeaf()));
        Assert.Equal("04fdf764dd4bbedadbb9c80644df49a4413f26d2e5197ccdfb479c1f90c1236d", Convert.ToHexStringLower(hashes[0].ToBytes()));
        Assert.Equal("bd7fa71038956afc30228fc6d39dda4b290c3d5bfbc8070dbd2005a4a860cb62", Convert.ToHexStringLower(hashes[1].ToBytes()));
        Assert.Equal("palisade.example/audit+1badb1b6+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", key.Public.ToString());
        Assert.Equal(
            "palisade.example/audit\n2\nitkPM11qkpn+Od85qu0SbKpTayVYieRTq5FU5DN4bSc=\n\n" +
            "\u2014 palisade.example/audit G62xtp9/RaKKbXN7hp7pKZhsCHV9Z08vjWSM0vj33YxZSw8REaiCLKycXmVryErumpSLbPNnB2wLWGvuRX24ObIWEwY=\n",
            SignedNote.Create(text, key.Sign(text)).ToString());
    }

    [Fact]
    public void Every_record_has_one_leaf_and_every_leaf_one_record()
    {
        var text = Gen.String[Gen.Char[' ', '\ufffd'].Where(c => !char.IsControl(c) && !char.IsSurrogate(c)), 0, 40];
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.Long[0, 253402300799999], text, Gen.Byte.Array[32].Null(), Gen.Long[1, long.MaxValue].Nullable())
            .Sample((number, at, reason, digest, resultOf) =>
            {
                var record = Revealed with
                {
                    Number = number,
                    At = DateTimeOffset.FromUnixTimeMilliseconds(at),
                    Reason = AuditRecord.OneLine(reason),
                    Digest = digest,
                    ResultOf = resultOf,
                };

                var leaf = record.ToLeaf();
                var read = AuditRecord.FromLeaf(leaf);

                return read.ToLeaf().AsSpan().SequenceEqual(leaf) &&
                    read with { Digest = null } == record with { Digest = null } &&
                    (read.Digest ?? []).AsSpan().SequenceEqual(record.Digest ?? []);
            });
    }

    [Theory]
    [InlineData("palisade-audit/v1", "palisade-audit/v2")]
    [InlineData("\n1\n", "\n01\n")]
    [InlineData("\n1\n", "\n-1\n")]
    [InlineData(".123Z", ".123456Z")]
    [InlineData("f35c", "F35C")]
    [InlineData("\nto decide", "\n\nto decide")]
    [InlineData("the case\n", "the case")]
    public void A_leaf_in_any_other_form_is_none(string part, string other)
    {
        var leaf = Encoding.UTF8.GetString(Revealed.ToLeaf()).Replace(part, other, StringComparison.Ordinal);

        Assert.Throws<FormatException>(() => AuditRecord.FromLeaf(Encoding.UTF8.GetBytes(leaf)));
    }
}
