using System.Text;
using Dapper;
using Palisade.Banks;
using Palisade.Banks.Regions;
using Palisade.Protection;
using Palisade.Scanning;
using Palisade.Signals.Regions;
using Palisade.Signals.Tests.Regions;
using Palisade.Testing;
using Palisade.Tests.Banks;
using static Palisade.Tests.Banks.BankFixture;

namespace Palisade.Tests.Protection;

/// <summary>Photos that somebody wants watched: on consent, for a time, and taken back in one step.</summary>
public sealed class ProtectionBookTests
{
    private static readonly ProtectionConsent Consent = new("canary-contact@example.org", "canary-consent of the mother", 1);

    private readonly RegionExtractor _extractor = new();

    [Theory, StoreEngines]
    public async Task A_photo_is_withdrawn_in_one_step_by_one_person_also_as_the_last_of_its_bank(TestEngine engine)
    {
        await using var banks = await ProtectedBankAsync(engine);
        var book = BookOf(banks);
        var protection = await ProtectAsync(banks, book, seed: 1);

        var ended = await book.WithdrawAsync(protection.Number, By, default);

        Assert.Equal(ProtectionEnd.Withdrawn, ended!.EndedWhy);
        Assert.All(await banks.Registry.ListSignalsAsync(banks.Bank.Id, default, 10, default), signal => Assert.Equal(SignalState.Withdrawn, signal.State));
        Assert.Equal(0, await CountAsync(banks, "region_picture"));
        Assert.Null((await book.ViewAsync(protection.Number, By, default))!.Consent);
        Assert.Null(await book.WithdrawAsync(protection.Number, By, default));
    }

    [Theory, StoreEngines]
    public async Task A_photo_is_watched_until_the_moment_it_expires_and_no_longer(TestEngine engine)
    {
        await using var banks = await ProtectedBankAsync(engine);
        var book = BookOf(banks);
        var protection = await ProtectAsync(banks, book, seed: 1);

        banks.Clock.SetUtcNow(protection.ExpiresAt.AddMilliseconds(-1));
        Assert.Equal(0, await book.ExpireAsync(default));
        Assert.Equal(1, await CountAsync(banks, "region_picture"));

        banks.Clock.SetUtcNow(protection.ExpiresAt);
        Assert.Equal(1, await book.ExpireAsync(default));
        Assert.Equal(0, await CountAsync(banks, "region_picture"));
        Assert.Equal(ProtectionEnd.Expired, Assert.Single(await book.ListAsync(default)).EndedWhy);
    }

    [Theory, StoreEngines]
    public async Task A_photo_that_two_owners_protect_is_watched_until_the_second_takes_it_back(TestEngine engine)
    {
        await using var banks = await ProtectedBankAsync(engine);
        var book = BookOf(banks);
        var first = await ProtectAsync(banks, book, seed: 1);
        var second = await ProtectAsync(banks, book, seed: 1);

        await book.WithdrawAsync(first.Number, By, default);
        Assert.Equal(1, await CountAsync(banks, "region_picture"));
        Assert.Equal(second.Number, Assert.Single(await book.OfSignalAsync(second.Signals[0], default)));

        await book.WithdrawAsync(second.Number, By, default);
        Assert.Equal(0, await CountAsync(banks, "region_picture"));
    }

    [Theory, StoreEngines]
    public async Task A_photo_that_was_taken_back_can_be_protected_again(TestEngine engine)
    {
        await using var banks = await ProtectedBankAsync(engine);
        var book = BookOf(banks);
        await book.WithdrawAsync((await ProtectAsync(banks, book, seed: 1)).Number, By, default);

        await ProtectAsync(banks, book, seed: 1);

        Assert.Equal(1, await CountAsync(banks, "region_picture"));
        Assert.All(await banks.Registry.ListSignalsAsync(banks.Bank.Id, default, 10, default), signal => Assert.Equal(SignalState.Live, signal.State));
    }

    [Theory]
    [InlineData("", "consent", 1)]
    [InlineData("contact", " ", 1)]
    [InlineData("contact", "consent", 0)]
    public async Task Without_contact_consent_or_a_time_ahead_nothing_is_enrolled(string contact, string consent, int days)
    {
        await using var banks = await ProtectedBankAsync(TestEngine.Sqlite);

        var answer = await BookOf(banks).ProtectAsync(
            banks.Bank.Id, [PhotoOf(1)], new ProtectionConsent(contact, consent, 1), banks.Clock.GetUtcNow().AddDays(days), By, default);

        Assert.IsType<BankRefused.BadSetting>(answer.Refusal);
        Assert.Equal(0, await CountAsync(banks, "signal"));
    }

    [Fact]
    public async Task A_bank_of_another_purpose_takes_no_protected_photo()
    {
        await using var banks = await CreateAsync(TestEngine.Sqlite);

        var answer = await BookOf(banks).ProtectAsync(
            banks.Bank.Id, [PhotoOf(1)], Consent, banks.Clock.GetUtcNow().AddDays(1), By, default);

        Assert.IsType<BankRefused.BadSetting>(answer.Refusal);
    }

    [Fact]
    public async Task Contact_and_consent_are_unreadable_on_disk()
    {
        await using var banks = await ProtectedBankAsync(TestEngine.Sqlite);
        await ProtectAsync(banks, BookOf(banks), seed: 1);

        foreach (var file in Directory.EnumerateFiles(banks.Test.Folder))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("canary-")));
        }
    }

    [Fact]
    public void A_face_that_is_left_out_is_in_no_code_and_in_no_place_of_the_map()
    {
        var picture = DrawnPictures.Draw(1);
        var codes = picture.Enrol(_extractor);
        var (query, map) = (picture.Query(_extractor), _extractor.DrawMap());
        var face = new MarkedBox(0.3, 0.2, 0.25, 0.3);

        var kept = face.LeaveOut(codes, query.Frame);
        var keptMap = face.LeaveOut(map, query.Frame);

        Assert.NotNull(kept);
        Assert.InRange(kept.Count, RegionCodes.LeastPoints, codes.Count - 1);
        Assert.NotEqual(map.Bytes.ToArray(), keptMap.Bytes.ToArray());
        Assert.Null(new MarkedBox(0, 0, 1, 1).LeaveOut(codes, query.Frame));
        Assert.All(new MarkedBox(0, 0, 1, 1).LeaveOut(map, query.Frame).Bytes.ToArray(), four => Assert.Equal(0, four));
    }

    private static Task<BankFixture> ProtectedBankAsync(TestEngine engine) =>
        CreateAsync(engine, new BankSettings { Purpose = BankPurpose.ProtectedPhoto });

    private static ProtectionBook BookOf(BankFixture banks) => new(
        banks.Test.Store, banks.Key, banks.Registry, new RegionRegister(banks.Test.Store, banks.Key, banks.Audit, banks.Clock), banks.Audit,
        banks.Clock);

    private ProtectedPhoto PhotoOf(int seed) =>
        new([new NewSignal(Pdq(seed)), new NewSignal(Sha256(seed))], new PictureRegions(DrawnPictures.Draw(seed).Enrol(_extractor), null));

    private async Task<PhotoProtection> ProtectAsync(BankFixture banks, ProtectionBook book, int seed)
    {
        var answer = await book.ProtectAsync(
            banks.Bank.Id, [PhotoOf(seed)], Consent, banks.Clock.GetUtcNow().AddDays(30), By, default);
        return Assert.IsType<PhotoProtection>(answer.Value);
    }

    private static Task<long> CountAsync(BankFixture banks, string table) => banks.Test.Store.ReadAsync(
        connection => connection.QuerySingleAsync<long>($"SELECT COUNT(*) FROM {table}"), default);
}
