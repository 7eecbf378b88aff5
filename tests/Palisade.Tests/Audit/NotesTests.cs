using Palisade.Audit.Notes;
using Palisade.Audit.Tree;

namespace Palisade.Tests.Audit;

public sealed class NotesTests
{
    /// <summary>Key and note of the example in C2SP signed-note, section "Verifier keys".</summary>
    private const string PublishedKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    private const string PublishedNote =
        "This is an example message.\n\n" +
        "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    /// <summary>The cosigned checkpoint shown in C2SP tlog-cosignature; its keys are not published.</summary>
    private const string PublishedCheckpoint =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
        "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" +
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

    [Fact]
    public void The_published_note_verifies_by_the_published_key()
    {
        Assert.True(NoteKey.TryParse(PublishedKey, out var key));
        Assert.True(SignedNote.TryParse(PublishedNote, out var note));

        Assert.Equal(PublishedKey, key.ToString());
        Assert.True(note.IsSignedBy(key));
        Assert.Equal(PublishedNote, note.ToString());
    }

    [Fact]
    public void The_published_checkpoint_is_read_as_it_stands()
    {
        Assert.True(SignedNote.TryParse(PublishedCheckpoint, out var note));
        Assert.True(Checkpoint.TryParse(note.Text, out var checkpoint));

        Assert.Equal(("example.com/behind-the-sofa", 20852163L), (checkpoint.Origin, checkpoint.Size));
        Assert.Equal(note.Text, checkpoint.Text);
        Assert.Equal(2, note.SignatureLines.Count);
        Assert.Equal(PublishedCheckpoint, note.ToString());
    }

    [Fact]
    public void No_changed_character_of_a_note_is_believed()
    {
        using var signer = Key("log.example/one", NoteKeyKind.Log);
        var text = new Checkpoint("log.example/one", 7, TreeHash.OfLeaf([7])).Text;
        var note = SignedNote.Create(text, signer.Sign(text)).ToString();
        var believed = new List<int>();

        for (var i = 0; i < note.Length; i++)
        {
            var changed = note[..i] + (note[i] == 'A' ? 'B' : 'A') + note[(i + 1)..];
            if (SignedNote.TryParse(changed, out var parsed) && parsed.IsSignedBy(signer.Public) == true && parsed.ToString() != note)
            {
                believed.Add(i);
            }
        }

        Assert.Empty(believed);
        Assert.True(Checkpoint.TryOpen(note, signer.Public, out _));
    }

    [Fact]
    public void A_cosignature_binds_its_time()
    {
        using var witness = Key("witness.example/w1", NoteKeyKind.Cosigner);
        using var log = Key("log.example/one", NoteKeyKind.Log);
        var text = new Checkpoint("log.example/one", 7, TreeHash.OfLeaf([7])).Text;
        var at = new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var note = SignedNote.Create(text, log.Sign(text)).With(witness.Public, witness.Cosign(text, at));
        var line = note.SignatureLines[1];
        var bytes = Convert.FromBase64String(line[(line.LastIndexOf(' ') + 1)..]);
        bytes[11] ^= 1;
        var moved = SignedNote.Create(text, line[..(line.LastIndexOf(' ') + 1)] + Convert.ToBase64String(bytes));

        Assert.Equal(at, note.CosignedAt(witness.Public));
        Assert.True(note.IsSignedBy(log.Public));
        Assert.False(moved.IsSignedBy(witness.Public));
        Assert.Null(moved.CosignedAt(witness.Public));
    }

    [Fact]
    public void A_signature_by_another_key_of_the_same_name_is_nobodys()
    {
        using var ours = Key("log.example/one", NoteKeyKind.Log);
        using var other = SigningKey.FromSeed(new byte[32], "log.example/one", NoteKeyKind.Log);
        var text = new Checkpoint("log.example/one", 7, TreeHash.OfLeaf([7])).Text;

        Assert.Null(SignedNote.Create(text, other.Sign(text)).IsSignedBy(ours.Public));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no signature\n\n")]
    [InlineData("no blank line\n\u2014 name AAAAAAAA\n")]
    [InlineData("tab\there\n\n\u2014 name AAAAAAAA\n")]
    [InlineData("two  spaces\n\n\u2014 name  AAAAAAAA\n")]
    [InlineData("plus\n\n\u2014 na+me AAAAAAAA\n")]
    [InlineData("short\n\n\u2014 name AAAA\n")]
    [InlineData("no end\n\n\u2014 name AAAAAAAA")]
    public void What_is_no_note_is_refused(string text) => Assert.False(SignedNote.TryParse(text, out _));

    [Theory]
    [InlineData("origin\n07\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("origin\n-7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("origin\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n")]
    [InlineData("origin\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")]
    [InlineData("origin\n7\n")]
    public void What_is_no_checkpoint_is_refused(string text) => Assert.False(Checkpoint.TryParse(text, out _));

    [Theory]
    [InlineData("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")]
    [InlineData("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2")]
    [InlineData("example.com/foo")]
    public void A_key_whose_parts_do_not_fit_is_refused(string text) => Assert.False(NoteKey.TryParse(text, out _));

    private static SigningKey Key(string name, NoteKeyKind kind) =>
        SigningKey.FromSeed([.. Enumerable.Range(1, 32).Select(i => (byte)i)], name, kind);
}
