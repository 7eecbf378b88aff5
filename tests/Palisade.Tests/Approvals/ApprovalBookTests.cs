using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Palisade.Approvals;
using Palisade.Audit;
using Palisade.Storage;
using Palisade.Testing;

namespace Palisade.Tests.Approvals;

/// <summary>T13.1 of the security model: every operation on the list, six cheats each, and then as it should be.</summary>
public sealed class ApprovalBookTests
{
    private const string Subject = "bank/7";

    private static readonly byte[] Content = SHA256.HashData("what is acted on"u8);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public static TheoryData<TwoPersonOperation, string> Cheats()
    {
        var data = new TheoryData<TwoPersonOperation, string>();
        foreach (var operation in Enum.GetValues<TwoPersonOperation>())
        {
            foreach (var cheat in new[]
                     {
                         "one person alone", "the same person twice", "the requester approves", "an expired approval",
                         "another object or changed content", "a replayed approval",
                     })
            {
                data.Add(operation, cheat);
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(Cheats))]
    public async Task Each_cheat_is_refused_and_logged_and_the_proper_way_still_works(TwoPersonOperation operation, string cheat)
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        var asked = await AskAsync(room, operation);

        var refusals = await CheatAsync(room, operation, cheat, asked);

        Assert.NotEmpty(refusals);
        Assert.All(refusals, Assert.NotNull);
        Assert.Equal(refusals.Count, (await LoggedAsync(room)).Count(action => action == "approval.refused"));

        var proper = await AskAsync(room, operation);
        Assert.Null(await room.Approvals.ApproveAsync(proper, TwoPeople.Bert, default));
        Assert.Null(await SpendAsync(room, proper, operation));
    }

    [Theory, StoreEngines]
    public async Task An_approval_serves_one_of_many_who_use_it_at_once(TestEngine engine)
    {
        await using var room = await CaseRoom.CreateAsync(engine, _clock);
        var asked = await AskAsync(room, TwoPersonOperation.RemoveBank);
        await room.Approvals.ApproveAsync(asked, TwoPeople.Bert, default);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SpendAsync(room, asked, TwoPersonOperation.RemoveBank)));

        Assert.Single(answers, answer => answer is null);
    }

    [Fact]
    public async Task What_is_denied_stays_denied()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        var asked = await AskAsync(room, TwoPersonOperation.RotateKeys);

        Assert.Null(await room.Approvals.DenyAsync(asked, TwoPeople.Bert, default));

        Assert.NotNull(await room.Approvals.ApproveAsync(asked, Actor.CommandLine("clara"), default));
        Assert.NotNull(await SpendAsync(room, asked, TwoPersonOperation.RotateKeys));
    }

    [Theory]
    [InlineData(23 * 60 + 59, false)]
    [InlineData(24 * 60, true)]
    public async Task A_single_operator_may_approve_a_day_after_asking(int minutes, bool isApproved)
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        var alone = TwoPeople.BookOf(room.Store, room.Key, _clock, new ApprovalOptions { SingleOperatorIAccept = true });
        var asked = await alone.RequestAsync(
            TwoPersonOperation.RemoveBank, Subject, Content, TwoPeople.Anna, "nobody else is here", default);

        _clock.Advance(TimeSpan.FromMinutes(minutes));
        var answer = await alone.ApproveAsync(asked, TwoPeople.Anna, default);

        Assert.Equal(isApproved, answer is null);
        Assert.True(alone.IsSingleOperator);
    }

    [Fact]
    public async Task A_copy_of_the_store_does_not_say_who_asked_or_why()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        await room.Approvals.RequestAsync(
            TwoPersonOperation.RemoveBank, Subject, Content, Actor.CommandLine("canary person"), "canary reason", default);

        var seen = await room.Store.ReadAsync(
            async connection => string.Join('|', (await connection.QueryAsync("SELECT * FROM approval"))
                .SelectMany(row => ((IDictionary<string, object?>)row).Values)
                .Select(value => value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{value}")),
            default);

        Assert.Contains("remove-bank", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_that_was_changed_by_hand_approves_nothing()
    {
        await using var room = await CaseRoom.CreateAsync(TestEngine.Sqlite, _clock);
        var asked = await AskAsync(room, TwoPersonOperation.RemoveBank);
        await room.Store.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync("UPDATE approval SET state = 'approved'", transaction: transaction), default);

        await Assert.ThrowsAsync<StoreUnusableException>(() => SpendAsync(room, asked, TwoPersonOperation.RemoveBank));
    }

    private static Task<long> AskAsync(CaseRoom room, TwoPersonOperation operation) => room.Approvals.RequestAsync(
        operation, Subject, Content, TwoPeople.Anna, "for a test", default);

    private static Task<string?> SpendAsync(
        CaseRoom room, long id, TwoPersonOperation operation, string subject = Subject, byte[]? content = null, Actor? by = null) =>
        room.Store.WriteAsync(
            transaction => room.Approvals.SpendAsync(
                transaction, id, operation, subject, content ?? Content, by ?? TwoPeople.Anna),
            default);

    private async Task<IReadOnlyList<string?>> CheatAsync(CaseRoom room, TwoPersonOperation operation, string cheat, long asked)
    {
        switch (cheat)
        {
            case "one person alone":
                return [await SpendAsync(room, asked, operation)];

            case "the same person twice":
                // One person behind two spellings of one account, and one who lends an approval to somebody else.
                var spelled = await room.Approvals.ApproveAsync(asked, Actor.CommandLine("ANNA "), default);
                Assert.Null(await room.Approvals.ApproveAsync(asked, TwoPeople.Bert, default));
                return [spelled, await SpendAsync(room, asked, operation, by: TwoPeople.Bert)];

            case "the requester approves":
                return [await room.Approvals.ApproveAsync(asked, TwoPeople.Anna, default), await SpendAsync(room, asked, operation)];

            case "an expired approval":
                var late = await AskAsync(room, operation);
                Assert.Null(await room.Approvals.ApproveAsync(asked, TwoPeople.Bert, default));
                _clock.Advance(new ApprovalOptions().ApprovalStands);
                var spent = await SpendAsync(room, asked, operation);
                _clock.Advance(new ApprovalOptions().RequestStands);
                return [spent, await room.Approvals.ApproveAsync(late, TwoPeople.Bert, default)];

            case "another object or changed content":
                var other = Enum.GetValues<TwoPersonOperation>().First(value => value != operation);
                Assert.Null(await room.Approvals.ApproveAsync(asked, TwoPeople.Bert, default));
                return
                [
                    await SpendAsync(room, asked, operation, subject: "bank/8"),
                    await SpendAsync(room, asked, operation, content: SHA256.HashData("changed since"u8)),
                    await SpendAsync(room, asked, other),
                ];

            default:
                Assert.Null(await room.Approvals.ApproveAsync(asked, TwoPeople.Bert, default));
                Assert.Null(await SpendAsync(room, asked, operation));
                return [await SpendAsync(room, asked, operation), await room.Approvals.ApproveAsync(asked, TwoPeople.Bert, default)];
        }
    }

    private static Task<List<string>> LoggedAsync(CaseRoom room) => room.Store.ReadAsync(
        async connection => (await connection.QueryAsync<string>("SELECT action FROM audit_entry")).ToList(), default);
}
