using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Palisade.CyberTipline;
using Palisade.Evidence;
using Palisade.Evidence.Holds;
using Palisade.Keys;
using Palisade.Policy;
using Palisade.Reporting;
using Palisade.Review;
using Palisade.Testing;

namespace Palisade.Tests.Reporting;

public sealed class ReportCourierTests
{
    private static readonly ReportingOptions Options = new()
    {
        Environment = "rehearsal",
        Reporter = new ReporterOptions { Email = "trust@platform.example", Platform = "Harbour Pictures" },
    };

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2027, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>What the authority has to have and what our record has to say after each fault, as docs/guide/reporting.md tells it.</summary>
    public static TheoryData<string, string, ReportState> Matrix()
    {
        var data = new TheoryData<string, string, ReportState>();
        foreach (var endpoint in new[] { "submit", "upload", "fileinfo", "finish" })
        {
            foreach (var fault in new[] { "500-before", "500-after", "break-before", "break-after", "401", "1000", "4100", "5001" })
            {
                data.Add(endpoint, fault, (endpoint, fault) switch
                {
                    (_, "4100") => ReportState.NeedsHuman,
                    ("submit", "5001") => ReportState.NeedsHuman,
                    _ => ReportState.Filed,
                });
            }
        }

        return data;
    }

    [Theory, StoreEngines]
    public async Task A_confirmed_case_is_filed_once_and_its_evidence_is_held_for_the_laws_year(TestEngine engine)
    {
        await using var post = await Post.CreateAsync(engine, _clock);
        var bytes = new byte[300_000];
        new Random(7).NextBytes(bytes);

        var found = await post.DecideAsync(bytes);
        Assert.NotNull((await post.Room.Cases.FindAsync(found.Id, default))!.Receipts.PreservedUntil);
        await post.DrainAsync();

        var filed = Assert.Single(post.Authority.Finished);
        Assert.Equal(bytes, Assert.Single(filed.Files).Bytes);
        Assert.Contains("<fileViewedByEsp>false</fileViewedByEsp>", Assert.Single(filed.Details), StringComparison.Ordinal);
        Assert.Contains("canary uploader", filed.Xml, StringComparison.Ordinal);
        var report = Assert.Single(await post.Book.ListAsync(0, 10, default));
        Assert.Equal((ReportState.Filed, filed.Id), (report.State, report.Progress.RemoteId!.Value));
        Assert.NotNull(report.Progress.Receipt);
        var after = (await post.Room.Cases.FindAsync(found.Id, default))!;
        Assert.Equal((CaseState.Reported, $"rehearsal:{filed.Id}"), (after.State, after.Receipts.ReportNumber));
        Assert.True(after.Receipts.PreservedUntil > _clock.GetUtcNow().AddDays(365));
        Assert.Equal(4, (await post.Book.ExchangesAsync(report.Id, default)).Count);
    }

    [Theory, MemberData(nameof(Matrix))]
    public async Task Every_fault_at_every_endpoint_ends_in_its_defined_state_with_nothing_filed_twice(
        string endpoint, string fault, ReportState expected)
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock);
        await post.DecideAsync([1, 2, 3]);
        post.Authority.Faults.Add((endpoint, fault));

        await post.DrainAsync();

        var report = Assert.Single(await post.Book.ListAsync(0, 10, default));
        Assert.Equal(expected, report.State);
        Assert.Equal(expected == ReportState.Filed ? 1 : 0, post.Authority.Finished.Count);
        if (expected == ReportState.NeedsHuman)
        {
            Assert.NotNull(report.Progress.Trouble);
            Assert.DoesNotContain(post.Authority.All, one => one.State == "open" && one.Files.Count > 0);
        }
    }

    [Theory]
    [InlineData("500-before")]
    [InlineData("500-after")]
    [InlineData("break-before")]
    [InlineData("break-after")]
    [InlineData("401")]
    [InlineData("1000")]
    [InlineData("5001")]
    [InlineData("5101")]
    public async Task A_fault_while_an_open_report_is_taken_back_leaves_one_that_is_filed_anew(string fault)
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock);
        await post.DecideAsync([1, 2, 3]);
        post.Authority.Faults.Add(("upload", "break-after"));
        post.Authority.Faults.Add(("retract", fault));

        await post.DrainAsync();

        Assert.Single(Assert.Single(post.Authority.Finished).Files);
    }

    [Theory]
    [InlineData("submit")]
    [InlineData("upload")]
    [InlineData("fileinfo")]
    [InlineData("finish")]
    public async Task A_crash_in_the_middle_of_any_call_files_the_report_once(string endpoint)
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock);
        await post.DecideAsync([1, 2, 3]);
        var isDead = false;
        post.Authority.OnCall = path =>
        {
            if (path == endpoint && !isDead)
            {
                isDead = true;
                throw new InvalidOperationException("the process ends here");
            }
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() => post.DrainAsync());
        await post.DrainAsync();

        Assert.Single(Assert.Single(post.Authority.Finished).Files);
    }

    [Fact]
    public async Task Nothing_leaves_while_its_evidence_is_not_held()
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock);
        await post.DecideAsync([1, 2, 3]);
        _clock.Advance(TimeSpan.FromDays(31));

        await post.DrainAsync();

        Assert.Empty(post.Authority.Calls);
        Assert.Equal(ReportState.NeedsHuman, Assert.Single(await post.Book.ListAsync(0, 10, default)).State);
    }

    [Fact]
    public async Task A_sealed_service_waits_for_two_hours_and_files_everything_once_it_is_unsealed()
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock, isSealed: true);
        for (var number = 0; number < 5; number++)
        {
            await post.DecideAsync([1, 2, 3, (byte)number]);
        }

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromHours(2); passed += TimeSpan.FromMinutes(10))
        {
            await post.RunDueAsync();
            _clock.Advance(TimeSpan.FromMinutes(10));
        }

        var figures = await post.Book.MeasureAsync(default);
        Assert.Empty(post.Authority.Calls);
        Assert.Equal((5, 5), (figures.Waiting, figures.WaitingUnseal));
        Assert.Equal((await post.Book.ListAsync(0, 10, default)).Min(report => report.DueAt), figures.Earliest);

        using var secret = TestKeys.NewSecret();
        Assert.Null(await post.Sealing.UnsealAsync(secret, CaseRoom.Anna, "at last", default));
        await post.DrainAsync();
        Assert.Equal(5, post.Authority.Finished.Count);
    }

    [Fact]
    public async Task An_undone_decision_drafts_nothing()
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock);
        var found = await post.OpenAsync([1, 2, 3]);
        await post.Room.Cases.DecideAsync(found.Id, Post.Confirmed, CaseRoom.Anna, default);
        await post.Room.Cases.UndoAsync(found.Id, CaseRoom.Anna, default);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await post.Room.Cases.ApplyDueAsync(default);

        Assert.Empty(await post.Book.ListAsync(0, 10, default));
    }

    [Fact]
    public async Task Facts_that_come_late_go_into_a_report_that_links_to_the_first()
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock);
        var found = await post.DecideAsync([1, 2, 3]);
        await post.DrainAsync();

        var (_, late) = await post.Book.AddAccountAsync(found.Id, new AccountFacts { ScreenName = "gull" }, CaseRoom.Anna, default);
        await post.DrainAsync();

        Assert.NotNull(late);
        Assert.Equal(2, post.Authority.Finished.Count);
        Assert.Contains($"<priorCTReports>{post.Authority.Finished[0].Id}</priorCTReports>", post.Authority.Finished[1].Xml, StringComparison.Ordinal);
        Assert.Contains("gull", post.Authority.Finished[1].Xml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_environments_report_is_never_sent()
    {
        await using var post = await Post.CreateAsync(TestEngine.Sqlite, _clock, Options with { Environment = "production" });
        await post.DecideAsync([1, 2, 3]);

        await post.DrainAsync();

        Assert.Empty(post.Authority.Calls);
        Assert.Equal(ReportState.NeedsHuman, Assert.Single(await post.Book.ListAsync(0, 10, default)).State);
    }

    [Theory, StoreEngines]
    public async Task Two_nodes_share_the_reports_and_file_each_once(TestEngine engine)
    {
        await using var post = await Post.CreateAsync(engine, _clock);
        for (var number = 0; number < 12; number++)
        {
            await post.DecideAsync([1, 2, 3, (byte)number]);
        }

        await Task.WhenAll(post.RunDueAsync(), post.RunDueAsync(), post.RunDueAsync());

        Assert.Equal(12, post.Authority.Finished.Count);
        Assert.Equal(12, post.Authority.All.Count);
    }

    [Fact]
    public void Only_a_named_persons_whole_look_at_full_size_counts_as_viewed()
    {
        var id = EvidenceId.New();
        var whole = new FileView
        {
            Evidence = id,
            By = "cli:anna",
            At = _clock.GetUtcNow(),
            Sight = FileSight.FullSize,
            WholeLength = true,
            Confirmed = true,
        };

        Assert.Equal((true, false), FileViews.Judge(id, [whole]));
        Assert.Equal((true, true), FileViews.Judge(id, [whole with { MetadataPanelOpened = true }]));
        Assert.Equal((false, false), FileViews.Judge(EvidenceId.New(), [whole]));
        foreach (var less in new[]
        {
            whole with { By = null }, whole with { WholeLength = false }, whole with { Confirmed = false },
            whole with { Sight = FileSight.SmallGrey }, whole with { Sight = FileSight.FrameStrip }, whole with { Sight = FileSight.Outline },
        })
        {
            Assert.Equal((false, false), FileViews.Judge(id, [less with { MetadataPanelOpened = true }]));
        }
    }

    /// <summary>Cases, holds, reports and a courier over one store, with an authority that can fail.</summary>
    private sealed class Post : IAsyncDisposable
    {
        public static readonly DecisionRequest Confirmed = new()
        {
            Outcome = CaseOutcome.ApparentAbuseMaterial,
            Reason = "seen",
            Report = new ReportFacts(null, "B2", ["viral"]),
        };

        private readonly FakeTimeProvider _clock;
        private readonly CyberTiplineClient _client;
        private readonly ReportingOptions _options;
        private readonly HoldBook _holds;

        private Post(CaseRoom room, SealingKeys sealing, FakeTimeProvider clock, ReportingOptions options)
        {
            Room = room;
            Sealing = sealing;
            _clock = clock;
            _options = options;
            _holds = new HoldBook(room.Store, room.Key, room.Cases, room.Audit, room.Approvals, clock);
            Book = new ReportBook(room.Store, room.Key, room.Cases, _holds, room.Audit, options, clock);
            Authority = new PretendAuthority(clock);
            _client = new CyberTiplineClient(
                CyberTiplineEndpoint.Rehearsal(new Uri("http://127.0.0.1:9/ispws/"), "rehearsal", "rehearsal"), clock, Authority);
        }

        public CaseRoom Room { get; }

        public SealingKeys Sealing { get; }

        public ReportBook Book { get; }

        public PretendAuthority Authority { get; }

        public static async Task<Post> CreateAsync(
            TestEngine engine, FakeTimeProvider clock, ReportingOptions? options = null, bool isSealed = false)
        {
            var room = await CaseRoom.CreateAsync(engine, clock);
            if (isSealed)
            {
                await room.Sealing.SealAsync(CaseRoom.Anna, "for a test", default);
            }

            return new Post(room, room.Sealing, clock, options ?? Options);
        }

        public async Task<Case> OpenAsync(byte[] bytes)
        {
            await Room.ScanAsync(Room.Record(VerdictAction.Hold, sha256: Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), contentId: null), bytes);
            return (await Room.AllAsync())[0];
        }

        /// <summary>A case with these bytes, decided as reportable, with its undo time over.</summary>
        public async Task<Case> DecideAsync(byte[] bytes)
        {
            var found = await OpenAsync(bytes);
            Assert.False((await Room.Cases.DecideAsync(found.Id, Confirmed, CaseRoom.Anna, default)).IsRefused);
            _clock.Advance(new ReviewOptions().UndoWithin);
            await Room.Cases.ApplyDueAsync(default);
            return found;
        }

        /// <summary>As a process of its own would: it knows nothing but the store.</summary>
        public async Task RunDueAsync()
        {
            var courier = new ReportCourier(
                Room.Store, Book, Room.Vault, _holds, Sealing, _client, _options, FileViews.None, _clock, NullLogger<ReportCourier>.Instance);
            while (await courier.RunOneAsync(default))
            {
            }
        }

        /// <summary>Lets an hour pass in steps, with a new process in each.</summary>
        public async Task DrainAsync()
        {
            for (var step = 0; step < 30; step++)
            {
                await RunDueAsync();
                _clock.Advance(TimeSpan.FromMinutes(2));
            }
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            Authority.Dispose();
            await Room.DisposeAsync();
        }
    }
}
