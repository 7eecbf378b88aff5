using Microsoft.Extensions.Time.Testing;
using Palisade.Audit.Notes;
using Palisade.Audit.Tree;
using Palisade.Audit.Witnessing;

namespace Palisade.Tests.Audit;

/// <summary>The witness against C2SP tlog-witness, rule by rule.</summary>
public sealed class WitnessBookTests : IDisposable
{
    private static readonly TreeHash[] Leaves = [.. Enumerable.Range(0, 64).Select(i => TreeHash.OfLeaf([(byte)i]))];

    private readonly string _folder = Directory.CreateTempSubdirectory("palisade-witness").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SigningKey _log = SigningKey.FromSeed(new byte[32], "log.example/one", NoteKeyKind.Log);

    private WitnessBook _book;

    public WitnessBookTests() => _book = Open();

    public void Dispose()
    {
        _book.Dispose();
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_checkpoint_that_continues_the_last_is_cosigned_with_the_time()
    {
        var first = _book.Add(Request(0, 5));
        var second = _book.Add(Request(5, 9));

        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.True(SignedNote.TryParse(Note(9) + second.Body, out var cosigned));
        Assert.Equal(_clock.GetUtcNow(), cosigned.CosignedAt(_book.PublicKey));
        Assert.Equal(Note(9) + second.Body, _book.Find(WitnessBook.NameOf("log.example/one")));
    }

    [Fact]
    public void What_was_cosigned_is_remembered_after_a_restart()
    {
        _book.Add(Request(0, 5));
        _book.Dispose();
        _book = Open();

        var conflict = _book.Add(Request(0, 9));

        Assert.Equal((409, "5\n"), (conflict.Status, conflict.Body));
        Assert.True(conflict.IsSize);
        Assert.Equal(200, _book.Add(Request(5, 9)).Status);
    }

    [Fact]
    public void The_same_checkpoint_may_be_cosigned_again_and_another_of_its_size_may_not()
    {
        _book.Add(Request(0, 5));

        Assert.Equal(200, _book.Add(Request(5, 5)).Status);
        Assert.Equal(422, _book.Add(Request(5, 5, root: Leaves[3])).Status);
    }

    [Fact]
    public void A_smaller_checkpoint_than_the_last_is_never_cosigned()
    {
        _book.Add(Request(0, 9));

        Assert.Equal(409, _book.Add(Request(0, 5)).Status);
        Assert.Equal(409, _book.Add(Request(5, 5)).Status);
        Assert.Equal(400, _book.Add(Request(9, 5, proof: [])).Status);
    }

    [Fact]
    public void A_forked_history_is_not_cosigned_and_leaves_the_memory_as_it_was()
    {
        _book.Add(Request(0, 5));
        var proof = MerkleTree.ProveConsistency(5, 9, Node).ToList();

        Assert.Equal(422, _book.Add(Request(5, 9, root: Leaves[0])).Status);
        Assert.Equal(422, _book.Add(Request(5, 9, proof: [.. proof.Skip(1)])).Status);
        Assert.Equal(422, _book.Add(Request(5, 9, proof: [.. proof, Leaves[1]])).Status);
        Assert.Equal(200, _book.Add(Request(5, 9)).Status);
    }

    [Fact]
    public void A_first_checkpoint_comes_without_a_proof() =>
        Assert.Equal(422, _book.Add(Request(0, 5, proof: [Leaves[0]])).Status);

    [Fact]
    public void An_empty_tree_has_one_root()
    {
        Assert.Equal(422, _book.Add(Request(0, 0, root: Leaves[0])).Status);
        Assert.Equal(200, _book.Add(Request(0, 0, root: TreeHash.Empty)).Status);
    }

    [Fact]
    public void A_log_that_is_not_known_is_not_found_and_a_wrong_signature_forbidden()
    {
        using var stranger = SigningKey.FromSeed([.. new byte[31], 1], "log.example/two", NoteKeyKind.Log);
        using var impostor = SigningKey.FromSeed([.. new byte[31], 2], "log.example/one", NoteKeyKind.Log);

        Assert.Equal(404, _book.Add(Request(0, 5, signer: stranger)).Status);
        Assert.Equal(403, _book.Add(Request(0, 5, signer: impostor)).Status);
        Assert.Null(_book.Find(WitnessBook.NameOf("log.example/two")));
        Assert.Null(_book.Find("../witness.key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("old 0\n")]
    [InlineData("old 00\n\n{note}")]
    [InlineData("old -1\n\n{note}")]
    [InlineData("old  0\n\n{note}")]
    [InlineData("new 0\n\n{note}")]
    [InlineData("old 0\nnot a hash\n\n{note}")]
    [InlineData("old 0\n\nnot a note\n")]
    public void What_is_no_request_is_a_bad_one(string request) =>
        Assert.Equal(400, _book.Add(request.Replace("{note}", Note(5), StringComparison.Ordinal)).Status);

    [Fact]
    public void More_than_63_lines_of_proof_are_a_bad_request() =>
        Assert.Equal(400, _book.Add(Request(0, 5, proof: [.. Leaves])).Status);

    [Fact]
    public void Two_requests_at_once_never_roll_the_memory_back()
    {
        _book.Add(Request(0, 1));
        Parallel.For(0, 200, i =>
        {
            var size = 2 + (i % 60);
            for (var old = 1; old < size; old++)
            {
                _book.Add(Request(old, size));
            }
        });

        Assert.True(SignedNote.TryParse(_book.Find(WitnessBook.NameOf("log.example/one")), out var note));
        Assert.True(Checkpoint.TryParse(note.Text, out var last));
        Assert.Equal(61, last.Size);
        Assert.Equal(MerkleTree.Root(61, Node), last.Root);
    }

    [Fact]
    public void A_witness_whose_memory_is_damaged_cosigns_nothing()
    {
        _book.Add(Request(0, 5));
        File.WriteAllText(Path.Combine(_folder, WitnessBook.NameOf("log.example/one")), Note(2));

        Assert.Throws<InvalidDataException>(() => _book.Add(Request(2, 9)));
    }

    [Fact]
    public void One_folder_is_for_one_witness() => Assert.Throws<IOException>(Open);

    private WitnessBook Open() => new(
        _folder,
        SigningKey.OpenOrCreate(Path.Combine(_folder, "witness.key"), "witness.example/w1", NoteKeyKind.Cosigner, c => c, c => c),
        [_log.Public],
        _clock);

    private string Note(long size, TreeHash? root = null, SigningKey? signer = null)
    {
        var text = new Checkpoint((signer ?? _log).Public.Name, size, root ?? MerkleTree.Root(size, Node)).Text;
        return SignedNote.Create(text, (signer ?? _log).Sign(text)).ToString();
    }

    private string Request(
        long oldSize, long size, TreeHash? root = null, IReadOnlyList<TreeHash>? proof = null, SigningKey? signer = null)
    {
        proof ??= MerkleTree.ProveConsistency(oldSize, size, Node);
        return $"old {oldSize}\n{string.Concat(proof.Select(hash => hash + "\n"))}\n{Note(size, root, signer)}";
    }

    private static TreeHash Node(int level, long index) => level == 0
        ? Leaves[index]
        : TreeHash.OfNode(Node(level - 1, 2 * index), Node(level - 1, (2 * index) + 1));
}
