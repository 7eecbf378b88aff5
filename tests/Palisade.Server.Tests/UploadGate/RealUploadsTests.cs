using Palisade.Client;
using UploadGate;

namespace Palisade.Server.Tests.UploadGate;

/// <summary>The sample and the client in front of a whole Palisade, with real pictures.</summary>
public sealed class RealUploadsTests(RealPalisade palisade) : IClassFixture<RealPalisade>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>T1.1 small: 250 pictures that match and 250 that do not, interleaved.</summary>
    [Fact]
    public async Task Five_hundred_real_uploads_are_answered_alike_and_only_the_ordinary_ones_appear()
    {
        await using var gate = await RunningGate.StartAsync(palisade.Address, palisade.Key);
        var (seen, matching, ordinary) = (new List<Seen>(), new List<string>(), new List<string>());
        for (var i = 0; i < RealPalisade.EnrolledPictures; i++)
        {
            var one = await gate.UploadAsync(await palisade.MatchingAsync(i));
            var other = await gate.UploadAsync(await palisade.OrdinaryAsync(i));
            seen.AddRange([one.Seen, other.Seen]);
            matching.Add(one.Id);
            ordinary.Add(other.Id);
        }

        foreach (var id in ordinary)
        {
            await gate.UntilAsync(id, Standing.Published);
        }

        foreach (var id in matching)
        {
            await gate.UntilAsync(id, Standing.Kept);
        }

        Assert.Single(seen.Distinct());
        Assert.Equal(202, seen[0].Status);
        Assert.Single((await Task.WhenAll(matching.Append(UploadFolder.NewId()).Select(gate.ShowAsync))).Distinct());
    }

    /// <summary>T1.3: files that Palisade cannot read, made of a picture that matches and of one that does not.</summary>
    [Theory]
    [InlineData("cut short")]
    [InlineData("bits flipped")]
    [InlineData("no picture")]
    public async Task What_cannot_be_read_is_answered_alike_and_never_appears(string harm)
    {
        await using var gate = await RunningGate.StartAsync(palisade.Address, palisade.Key);

        var matching = await gate.UploadAsync(Harm(await palisade.MatchingAsync(0), harm));
        var ordinary = await gate.UploadAsync(Harm(await palisade.OrdinaryAsync(0), harm));
        await gate.UntilAsync(matching.Id, Standing.Kept);
        await gate.UntilAsync(ordinary.Id, Standing.Kept);

        Assert.Equal(matching.Seen, ordinary.Seen);
        Assert.Equal(await gate.ShowAsync(matching.Id), await gate.ShowAsync(ordinary.Id));
    }

    [Fact]
    public async Task A_service_that_the_policy_does_not_know_keeps_every_upload_waiting_alike()
    {
        await using var gate = await RunningGate.StartAsync(
            palisade.Address, palisade.Key, options => options with { Service = "not-in-the-policy" });

        var matching = await gate.UploadAsync(await palisade.MatchingAsync(1));
        var ordinary = await gate.UploadAsync(await palisade.OrdinaryAsync(1));

        Assert.Equal(matching.Seen, ordinary.Seen);
        Assert.Equal(await gate.ShowAsync(matching.Id), await gate.ShowAsync(ordinary.Id));
        Assert.Equal(Standing.Waiting, gate.Uploads.Find(ordinary.Id));
    }

    [Fact]
    public async Task A_held_upload_is_on_record_and_on_the_feed_and_a_repeated_call_is_the_same_scan()
    {
        using var http = new HttpClient();
        var client = ClientOf(http, palisade.Key);
        var upload = Upload.FromBytes(await palisade.MatchingAsync(2), "avatars", "feed-1") with { UploaderToken = "u1" };

        var answer = await client.ScanAsync(upload, Stop);
        var again = await client.ScanAsync(upload, Stop);
        var record = await client.GetScanAsync(answer.Id!, Stop);
        var change = await FirstAsync(client.FollowVerdictsAsync(after: 0, Stop), candidate => candidate.Scan == answer.Id);

        Assert.Equal(Verdict.Hold, answer.Verdict);
        Assert.Equal(answer.Id, again.Id);
        Assert.Empty(answer.Matches);
        Assert.Equal("u1", record!.UploaderToken);
        Assert.Equal(("feed-1", Verdict.Hold), (change.ContentId, change.Verdict));
    }

    [Fact]
    public async Task A_key_with_match_detail_is_told_bank_and_distance()
    {
        using var http = new HttpClient();

        var answer = await ClientOf(http, palisade.DetailKey)
            .ScanAsync(Upload.FromBytes(await palisade.MatchingAsync(3), "avatars", "c1"), Stop);

        var match = Assert.Single(answer.Matches);
        Assert.Equal(("drawings", "original"), (match.Bank, match.Orientation));
        Assert.InRange(match.Distance, 0, 31);
        Assert.NotNull(answer.IndexGeneration);
    }

    [Fact]
    public async Task A_batch_of_fingerprints_is_answered_in_its_order()
    {
        using var http = new HttpClient();

        var answers = await ClientOf(http, palisade.Key).LookupAsync(
            "avatars", [new() { Sha256 = new('1', 64), ContentId = "a" }, new() { Pdq = new string('a', 64), Quality = 90 }], Stop);

        Assert.Equal([Verdict.Allow, Verdict.Allow], answers.Select(answer => answer.Verdict));
    }

    [Fact]
    public async Task A_key_that_is_used_for_another_upload_is_a_problem_and_no_verdict()
    {
        using var http = new HttpClient();
        var client = ClientOf(http, palisade.Key);
        var first = Upload.FromBytes(await palisade.OrdinaryAsync(4), "avatars", "c1") with { IdempotencyKey = "once" };
        await client.ScanAsync(first, Stop);

        var refused = await Assert.ThrowsAsync<PalisadeProblemException>(async () => await client.ScanAsync(
            Upload.FromBytes(await palisade.OrdinaryAsync(5), "avatars", "c1") with { IdempotencyKey = "once" }, Stop));

        Assert.Equal("urn:palisade:problem:idempotency-key-reused", refused.Problem.Type);
    }

    private static byte[] Harm(byte[] picture, string harm)
    {
        switch (harm)
        {
            case "cut short":
                return picture[..(picture.Length / 2)];
            case "bits flipped":
                for (var i = 2; i < picture.Length; i += 7)
                {
                    picture[i] ^= 0x5a;
                }

                return picture;
            default:
                return [.. "just words, "u8, .. picture.AsSpan(20)];
        }
    }

    private static async Task<VerdictChange> FirstAsync(IAsyncEnumerable<VerdictChange> changes, Func<VerdictChange, bool> isIt)
    {
        await foreach (var change in changes)
        {
            if (isIt(change))
            {
                return change;
            }
        }

        throw new InvalidOperationException("The feed has no end.");
    }

    private PalisadeClient ClientOf(HttpClient http, string key) => new(http, new() { Address = palisade.Address, ApiKey = key });
}
