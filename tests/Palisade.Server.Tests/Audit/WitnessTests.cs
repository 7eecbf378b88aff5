using System.Net;
using Microsoft.AspNetCore.Builder;
using Palisade.Audit;
using Palisade.Audit.Notes;
using Palisade.Audit.Witnessing;
using Palisade.Server.Tests.Cli;
using Palisade.Server.Witness;

namespace Palisade.Server.Tests.Audit;

public sealed class WitnessTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private WebApplication _app = null!;
    private WitnessBook _book = null!;
    private WitnessOptions _options = null!;

    public async ValueTask InitializeAsync()
    {
        // The log's key is made first, so that the witness can be told of it.
        NoteKey log;
        await using (var installation = await AuditFolder.OpenAsync(_folder))
        {
            log = installation.Sequencer.PublicKey!;
        }

        var key = SigningKey.OpenOrCreate(_folder["witness.key"], "witness.example/w1", NoteKeyKind.Cosigner, c => c, c => c);
        _book = new WitnessBook(_folder["witness"], key, [log], TimeProvider.System);
        _app = WitnessHost.Build(_book, "http://127.0.0.1:0", null);
        await _app.StartAsync();
        _options = new WitnessOptions { Url = _app.Urls.First(), Key = _book.PublicKey.ToString() };
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _book.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_checkpoint_carries_the_witnesses_signature_in_store_and_folder()
    {
        await using var installation = await OpenAsync();
        foreach (var more in (int[])[3, 5, 300])
        {
            await AuditFolder.AddAsync(installation, more);

            var note = await AuditFolder.SignAsync(installation);

            Assert.True(SignedNote.TryParse(note, out var signed));
            Assert.True(signed.IsSignedBy(_book.PublicKey));
            Assert.True(signed.IsSignedBy(installation.Sequencer.PublicKey!));
            Assert.Equal(note, installation.Sequencer.Tiles.ReadCheckpoint());
        }
    }

    [Fact]
    public async Task A_whole_data_folder_set_back_is_noticed_by_what_the_witness_saw()
    {
        // Store and log folder are of one age here, so nothing but somebody else's memory can tell.
        await using (var installation = await OpenAsync())
        {
            await AuditFolder.AddAsync(installation, 4);
            await AuditFolder.SignAsync(installation);
            await installation.Sequencer.HandOverAsync();
        }

        AuditFolder.Copy(_folder["data"], _folder["backup"]);
        await using (var installation = await OpenAsync())
        {
            await AuditFolder.AddAsync(installation, 6);
            await AuditFolder.SignAsync(installation);
            await installation.Sequencer.HandOverAsync();
        }

        Directory.Delete(_folder["data"], recursive: true);
        AuditFolder.Copy(_folder["backup"], _folder["data"]);
        await using var restored = await OpenAsync();
        await AuditFolder.AddAsync(restored, 1);

        var refused = Assert.IsType<SigningOutcome.Refused>(
            await restored.Sequencer.SignAsync(TestContext.Current.CancellationToken));

        Assert.Equal((5, 10), (refused.Fault.First, refused.Fault.Last));
        Assert.Contains("entries 5 to 10 are missing", refused.Fault.Explanation, StringComparison.Ordinal);
        Assert.NotNull(restored.Audit.ClosedBecause);
        Assert.Contains("\n4\n", restored.Sequencer.Tiles.ReadCheckpoint()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_goes_on_while_its_witness_is_away_and_is_cosigned_when_it_is_back()
    {
        await using var installation = await OpenAsync(_options with { Url = "http://127.0.0.1:9" });
        await AuditFolder.AddAsync(installation, 2);
        var alone = await AuditFolder.SignAsync(installation);
        await installation.Sequencer.HandOverAsync();
        await using var later = await OpenAsync();

        var cosigned = await AuditFolder.SignAsync(later);

        Assert.True(SignedNote.TryParse(alone, out var without));
        Assert.Null(without.IsSignedBy(_book.PublicKey));
        Assert.True(SignedNote.TryParse(cosigned, out var with));
        Assert.True(with.IsSignedBy(_book.PublicKey));
    }

    [Fact]
    public async Task Over_HTTP_it_answers_as_the_protocol_says()
    {
        await using var installation = await OpenAsync();
        await AuditFolder.AddAsync(installation, 3);
        var note = await AuditFolder.SignAsync(installation);
        using var http = new HttpClient { BaseAddress = new Uri(_options.Url) };
        Assert.True(SignedNote.TryParse(note, out var signed));
        var plain = SignedNote.Create(signed.Text, signed.SignatureLines[0]).ToString();

        using var conflict = await PostAsync(http, $"old 0\n\n{plain}");
        using var nonsense = await PostAsync(http, "hello");
        using var large = await PostAsync(http, new string('x', 100_000));
        using var last = await http.GetAsync(
            new Uri($"/{WitnessBook.NameOf(installation.Sequencer.PublicKey!.Name)}/checkpoint", UriKind.Relative), TestContext.Current.CancellationToken);
        using var unknown = await http.GetAsync(new Uri($"/{new string('0', 64)}/checkpoint", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Equal("text/x.tlog.size", conflict.Content.Headers.ContentType!.ToString());
        Assert.Equal("3\n", await conflict.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(note, await last.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private Task<Installation> OpenAsync(WitnessOptions? witness = null) =>
        AuditFolder.OpenAsync(_folder, new AuditOptions { Witnesses = [witness ?? _options] });

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, string body)
    {
        using var content = new StringContent(body);
        return await http.PostAsync(new Uri("/add-checkpoint", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }
}
