using System.Text;
using Palisade.Banks;
using Palisade.Banks.Importing;
using Palisade.Signals.Pdq;
using Palisade.Testing;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Banks;

public sealed class BankImportsTests
{
    private static readonly ImportOptions AsPdq = new() { Type = SignalType.Pdq };

    [Theory, StoreEngines]
    public async Task Nothing_of_a_list_counts_before_it_is_live_and_all_of_it_after(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var imports = ImportsOf(banks);
        using var index = banks.NewIndex();
        await index.LoadAsync(default);

        var preview = await StageAsync(banks, ListOf(Enumerable.Range(0, 25_000)), AsPdq);
        await index.SettleAsync(default);
        var before = (index.Current.SignalCount, await CountsAsync(banks));
        var live = await imports.MakeLiveAsync(preview.Id, withdrawalsConfirmed: false, By, default);
        await index.SettleAsync(default);

        Assert.Equal((25_000, 0, ImportState.Staged), (preview.Added, preview.Refused, preview.State));
        Assert.Equal((0, SignalCounts.None), before);
        Assert.Equal(ImportState.Live, live.Value!.State);
        Assert.Equal(25_000, index.Current.SignalCount);
        Assert.Equal(new SignalCounts(25_000, 0, 0, 0), await CountsAsync(banks));
        var change = (await banks.Registry.ChangesAfterAsync(1, 10, default)).Single();
        Assert.Equal((BankChange.ImportLive, preview.Id), (change.Kind, change.Import));
    }

    [Theory, StoreEngines]
    public async Task Bad_lines_in_a_long_list_are_counted_by_reason_with_their_numbers(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var (list, expected) = LongListWithBadLines();

        var preview = await StageAsync(banks, list, AsPdq);
        var refused = await ImportsOf(banks).RefusedLinesAsync(preview.Id, 0, 1000, default);

        Assert.Equal(200_000 - 137, preview.Added);
        Assert.Equal(200_000, preview.Lines);
        Assert.Equal(137, preview.Refused);
        Assert.Equal(expected, refused);
        Assert.Equal(expected.Take(20), preview.FirstRefused);
        Assert.Equal(
            expected.GroupBy(line => line.Reason).ToDictionary(lines => lines.Key, lines => (long)lines.Count()),
            preview.RefusedByReason);
    }

    [Theory, StoreEngines]
    public async Task A_killed_import_goes_on_behind_its_last_batch(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var list = ListOf(Enumerable.Range(0, 35_000));
        var source = await WriteAsync(banks, list);
        using var killed = new CancellationTokenSource();
        var progress = new CallbackProgress(step =>
        {
            if (step is { Phase: ImportPhase.Staging, Lines: >= 20_000 })
            {
                killed.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ImportsOf(banks).StageAsync(banks.Bank.Id, source, AsPdq, progress, By, killed.Token));
        var steps = new List<ImportProgress>();
        var resumed = await ImportsOf(banks).StageAsync(
            banks.Bank.Id, source, AsPdq, new CallbackProgress(steps.Add), By, default);

        Assert.Equal(35_000, resumed.Value!.Added);
        Assert.Equal(0, resumed.Value.AlreadyThere);
        var staged = steps.Where(step => step.Phase == ImportPhase.Staging).Select(step => step.Lines).ToList();
        Assert.Equal((22_500L, 35_000L), (staged[0], staged[^1]));
        Assert.Equal(SignalCounts.None, await CountsAsync(banks));
    }

    [Theory, StoreEngines]
    public async Task An_open_import_stands_in_the_way_of_another_list_until_it_is_discarded(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var first = await StageAsync(banks, ListOf(Enumerable.Range(0, 100)), AsPdq);
        var other = await WriteAsync(banks, ListOf(Enumerable.Range(50, 100)));

        var refused = await ImportsOf(banks).StageAsync(banks.Bank.Id, other, AsPdq, null, By, default);
        await ImportsOf(banks).DiscardAsync(first.Id, default);
        var staged = await ImportsOf(banks).StageAsync(banks.Bank.Id, other, AsPdq, null, By, default);
        var late = await ImportsOf(banks).MakeLiveAsync(first.Id, true, By, default);

        Assert.Equal(first.Id, Assert.IsType<BankRefused.AnotherImportOpen>(refused.Refusal).Import);
        Assert.Equal((100, 0), (staged.Value!.Added, staged.Value.AlreadyThere));
        Assert.IsType<BankRefused.NoSuchImport>(late.Refusal);
    }

    [Theory, StoreEngines]
    public async Task A_preview_tells_what_is_new_what_is_there_and_what_is_taken_back(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var held = await banks.AddAsync(Pdq(1));
        var takenBack = await banks.AddAsync(Pdq(2));
        await banks.AddAsync(Pdq(8));
        var withdrawnBefore = await banks.AddAsync(Pdq(3));
        await banks.Registry.WithdrawAsync(withdrawnBefore.Id, By, default);
        string[] lines =
        [
            Line(Pdq(1)), Line(Pdq(2), "withdrawn"), Line(Pdq(3)), Line(Pdq(4)), Line(Pdq(4)), Line(Pdq(5)),
            Line(Pdq(5), "withdrawn"), Line(Pdq(6), "withdrawn"), Line(Md5(7)),
        ];

        var preview = await StageAsync(banks, string.Join('\n', lines), new ImportOptions());
        var unconfirmed = await ImportsOf(banks).MakeLiveAsync(preview.Id, withdrawalsConfirmed: false, By, default);
        var stateBefore = (await banks.Registry.FindSignalAsync(takenBack.Id, default))!.State;
        await ImportsOf(banks).MakeLiveAsync(preview.Id, withdrawalsConfirmed: true, By, default);

        Assert.Equal(
            (2L, 2L, 1L, 3L, 0L, 3L),
            (preview.Added, preview.AlreadyThere, preview.Withdrawn, preview.AlreadyWithdrawn, preview.Refused, preview.Held));
        Assert.Equal(new BankRefused.WithdrawalsNotConfirmed(1, 3), unconfirmed.Refusal);
        Assert.Equal(SignalState.Live, stateBefore);
        Assert.Equal(SignalState.Live, (await banks.Registry.FindSignalAsync(held.Id, default))!.State);
        Assert.Equal(SignalState.Withdrawn, (await banks.Registry.FindSignalAsync(takenBack.Id, default))!.State);
        Assert.Equal(new SignalCounts(Live: 4, 0, 0, Withdrawn: 2), await CountsAsync(banks));
    }

    [Theory, StoreEngines]
    public async Task A_value_added_by_hand_acts_at_once_though_a_list_has_it_staged(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var preview = await StageAsync(banks, ListOf(Enumerable.Range(0, 10)), AsPdq);

        var added = await banks.AddAsync(Pdq(5));
        await ImportsOf(banks).DiscardAsync(preview.Id, default);

        Assert.Equal(added, await banks.Registry.FindSignalAsync(added.Id, default));
        Assert.Equal(new SignalCounts(1, 0, 0, 0), await CountsAsync(banks));
    }

    [Theory, StoreEngines]
    public async Task A_list_with_many_odd_counts_of_bits_is_refused_as_not_PDQ(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var digests = string.Join('\n', Enumerable.Range(0, 1000).Select(number => Sha256(number).ToString()));

        var asPdq = await ImportsOf(banks).StageAsync(
            banks.Bank.Id, await WriteAsync(banks, digests), AsPdq, null, By, default);
        var asSha256 = await StageAsync(banks, digests, new ImportOptions { Type = SignalType.Sha256 });

        Assert.InRange(Assert.IsType<BankRefused.NotPdq>(asPdq.Refusal).Odd, 400, 600);
        Assert.Equal(1000, asSha256.Added);
    }

    [Fact]
    public async Task Sixty_four_digits_without_a_type_are_asked_about_and_never_guessed()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);
        var source = await WriteAsync(banks, $"# a remark\n\n{Pdq(1)}\n");

        var answer = await ImportsOf(banks).StageAsync(banks.Bank.Id, source, new ImportOptions(), null, By, default);

        Assert.Equal(new BankRefused.TypeNeeded(3), answer.Refusal);
    }

    [Theory, StoreEngines]
    public async Task What_is_exported_can_be_imported_elsewhere(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        await banks.Registry.AddSignalAsync(
            banks.Bank.Id, new NewSignal(Pdq(1), PdqProfile.Nn512, 77, "ticket 4"), By, default);
        await banks.AddAsync(Md5(2));
        var gone = await banks.AddAsync(Sha256(3));
        await banks.Registry.WithdrawAsync(gone.Id, By, default);
        var other = await banks.CreateBankAsync("copy");
        var export = new BankExport(banks.Test.Store, banks.Key, banks.Clock);
        using var interchange = new MemoryStream();
        using var plain = new MemoryStream();

        await export.WriteInterchangeAsync(banks.Bank.Id, interchange, null, default);
        await export.WritePlainAsync(banks.Bank.Id, SignalType.Pdq, plain, null, default);
        var source = await WriteAsync(banks, Encoding.UTF8.GetString(interchange.ToArray()));
        var staged = await ImportsOf(banks).StageAsync(other.Id, source, new ImportOptions(), null, By, default);
        await ImportsOf(banks).MakeLiveAsync(staged.Value!.Id, true, By, default);

        var copied = await banks.Registry.ListSignalsAsync(other.Id, default, 10, default);
        Assert.Equal([Pdq(1), Md5(2)], copied.Select(signal => signal.Value));
        Assert.Equal((PdqProfile.Nn512, 77, "ticket 4"), (copied[0].Profile!.Value, copied[0].Quality!.Value, copied[0].Origin));
        Assert.Equal($"{Pdq(1)}\n", Encoding.UTF8.GetString(plain.ToArray()));
    }

    [Theory, StoreEngines]
    public async Task Probation_ends_after_a_day_and_ten_thousand_uploads_and_not_before(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine);
        var probation = new Probation(banks.Test.Store, banks.Audit, banks.Clock);
        var preview = await StageAsync(
            banks, ListOf(Enumerable.Range(0, 10)), AsPdq with { NewSignals = NewSignals.Probation });
        await ImportsOf(banks).MakeLiveAsync(preview.Id, false, By, default);
        using var index = banks.NewIndex();
        await index.LoadAsync(default);
        var shadows = index.Current.Signals.Count(signal => signal.IsShadow);

        await probation.CountUploadsAsync(10_000, default);
        var tooEarly = await probation.SweepAsync(default);
        banks.Clock.Advance(TimeSpan.FromHours(24));
        var ended = await probation.SweepAsync(default);
        await index.CatchUpAsync(default);

        Assert.Equal(10, shadows);
        Assert.Empty(tooEarly);
        Assert.Equal([preview.Id], ended);
        Assert.Equal(new SignalCounts(10, 0, 0, 0), await CountsAsync(banks));
        Assert.All(index.Current.Signals, signal => Assert.False(signal.IsShadow));
    }

    [Theory, StoreEngines]
    public async Task Probation_does_not_end_with_few_uploads_unless_a_person_says_so(TestEngine engine)
    {
        await using var banks = await CreateAsync(engine, new BankSettings { NewSignals = NewSignals.Probation });
        var probation = new Probation(banks.Test.Store, banks.Audit, banks.Clock);
        await probation.CountUploadsAsync(50_000, default);
        var preview = await StageAsync(banks, ListOf(Enumerable.Range(0, 10)), AsPdq);
        await ImportsOf(banks).MakeLiveAsync(preview.Id, false, By, default);
        await probation.CountUploadsAsync(9_999, default);
        banks.Clock.Advance(TimeSpan.FromDays(30));

        var swept = await probation.SweepAsync(default);
        var byPerson = await probation.EndAsync(preview.Id, By, default);
        var again = await probation.EndAsync(preview.Id, By, default);

        Assert.Empty(swept);
        Assert.Equal((true, false), (byPerson, again));
        Assert.Equal(new SignalCounts(10, 0, 0, 0), await CountsAsync(banks));
    }

    /// <summary>200,000 lines of which 137 are bad, each kind at places that a seed decides.</summary>
    private static (string List, IReadOnlyList<RefusedLine> Refused) LongListWithBadLines()
    {
        (LineRefusal Reason, Func<int, string> Write)[] kinds =
        [
            (LineRefusal.Malformed, number => Pdq(number).ToString()[..63]),
            (LineRefusal.Malformed, number => "z" + Pdq(number).ToString()[1..]),
            (LineRefusal.Degenerate, _ => new string('0', 64)),
            (LineRefusal.Degenerate, _ => new string('f', 64)),
            (LineRefusal.UnknownType, number => $"photodna {Pdq(number)}"),
            (LineRefusal.LowQuality, number => $"{Pdq(number)},49,picture.jpg"),
            (LineRefusal.EmptyFile, _ => "md5 d41d8cd98f00b204e9800998ecf8427e"),
            (LineRefusal.TooLong, number => Pdq(number) + new string(',', 70_000)),
        ];
        var random = new Random(20270301);
        var bad = Enumerable.Range(1, 200_000).OrderBy(_ => random.Next()).Take(137).Order()
            .Select((line, i) => (Line: line, Kind: kinds[i % kinds.Length])).ToDictionary(at => at.Line, at => at.Kind);
        var list = new StringBuilder("\uFEFF", 16_000_000);
        for (var line = 1; line <= 200_000; line++)
        {
            list.Append(bad.TryGetValue(line, out var kind) ? kind.Write(line) : Pdq(line).ToString());
            list.Append(line % 2 == 0 ? "\r\n" : "\n");
        }

        return (list.ToString(), [.. bad.OrderBy(at => at.Key).Select(at => new RefusedLine(at.Key, at.Value.Reason))]);
    }

    private static string ListOf(IEnumerable<int> numbers) =>
        string.Concat(numbers.Select(number => Hash(number).ToString() + "\n"));

    private static string Line(SignalValue value, string status = "active") =>
        $$"""{"v":1,"type":"{{value.Type.ToString().ToLowerInvariant()}}","value":"{{value}}","labels":["x",{}],"status":"{{status}}"}""";

    private static BankImports ImportsOf(BankFixture banks) => new(banks.Test.Store, banks.Key, banks.Audit, banks.Approvals, banks.Clock);

    private static async Task<ImportPreview> StageAsync(BankFixture banks, string list, ImportOptions options)
    {
        var answer = await ImportsOf(banks).StageAsync(
            banks.Bank.Id, await WriteAsync(banks, list), options, null, By, default);
        return answer.IsRefused ? throw new InvalidOperationException(answer.Refusal.Reason) : answer.Value;
    }

    private static async Task<ImportSource> WriteAsync(BankFixture banks, string list)
    {
        var path = Path.Combine(banks.Test.Folder, $"{Guid.NewGuid():N}.txt");
        await File.WriteAllTextAsync(path, list, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return ImportSource.FromFile(path);
    }

    private static async Task<SignalCounts> CountsAsync(BankFixture banks) =>
        (await banks.Registry.CountSignalsAsync(default)).GetValueOrDefault(banks.Bank.Id, SignalCounts.None);

    /// <summary>Calls back at once and on the same thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class CallbackProgress(Action<ImportProgress> report) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => report(value);
    }
}
