using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Palisade.Client;
using Palisade.Review.Webhook;
using Palisade.Testing;
using WebhookKey = Palisade.Review.Webhook.WebhookKey;

namespace Palisade.Server.Tests.Client;

/// <summary>T9.1 of the security model: what Palisade signs, and what a platform must refuse.</summary>
public sealed class WebhookVerifierTests : IDisposable
{
    private static readonly JsonSerializerOptions AsFile = new() { WriteIndented = true, NewLine = "\n" };

    private const string Method = "POST";
    private const string PathAndQuery = "/hooks/palisade?tenant=1";
    private const string Body =
        """{"type":"verdict.changed","sequence":7,"scan":"scn_0123456789abcdef0123456789abcdef","service":"avatars","contentId":"4711","verdict":"block","action":"remove","at":"2027-03-01T12:00:00+00:00"}""";

    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["k1"] = "whk_" + new string('1', 64),
        ["k2"] = "whk_" + new string('2', 64),
    };

    private static readonly DateTimeOffset Signed = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Signed);
    private readonly string _folder = Directory.CreateTempSubdirectory("palisade-webhook").FullName;

    private string IdFile => Path.Combine(_folder, "ids");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_true_call_is_accepted_with_the_line_of_the_feed_that_it_brings()
    {
        using var seen = new WebhookIdFile(IdFile, _clock);

        var outcome = await VerifierOf(seen).VerifyAsync(CallOf("whm_1"), default);

        var change = Assert.IsType<WebhookOutcome.Accepted>(outcome).Change!;
        Assert.Equal((7L, "4711", Verdict.Block, PlatformAction.Remove), (change.Sequence, change.ContentId, change.Verdict, change.Action));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("time")]
    [InlineData("method")]
    [InlineData("path")]
    [InlineData("body")]
    [InlineData("signature")]
    public async Task A_thousand_changes_of_each_signed_part_are_refused(string part)
    {
        var random = new Random(20270301);
        var remembered = 0;
        var verifier = new WebhookVerifier(Keys, (_, _, _) => ValueTask.FromResult(++remembered > 0), _clock);
        for (var change = 0; change < 1000; change++)
        {
            var call = CallOf("whm_0123456789abcdef");
            var changed = part switch
            {
                "id" => call with { Id = Changed(call.Id!, random) },
                "time" => call with { Time = Changed(call.Time!, random) },
                "method" => call with { Method = Changed(call.Method, random) },
                "path" => call with { PathAndQuery = Changed(call.PathAndQuery, random) },
                "body" => call with { Body = Encoding.Latin1.GetBytes(Changed(Encoding.Latin1.GetString(call.Body.Span), random)) },
                _ => call with { Signature = Changed(call.Signature!, random) },
            };

            Assert.IsType<WebhookOutcome.Refused>(await verifier.VerifyAsync(changed, default));
        }

        Assert.Equal(0, remembered);
        Assert.IsType<WebhookOutcome.Accepted>(await verifier.VerifyAsync(CallOf("whm_0123456789abcdef"), default));
    }

    [Fact]
    public async Task Parts_that_are_moved_into_one_another_are_refused()
    {
        using var seen = new WebhookIdFile(IdFile, _clock);
        var call = CallOf("whm_1");

        foreach (var moved in new[]
                 {
                     call with { Method = "", PathAndQuery = $"{Method}\n{PathAndQuery}" },
                     call with { PathAndQuery = "", Body = Encoding.UTF8.GetBytes($"{PathAndQuery}\n{Body}") },
                     call with { PathAndQuery = $"{PathAndQuery}\n{Body[..10]}", Body = Encoding.UTF8.GetBytes(Body[10..]) },
                     call with { Signature = call.Signature!.Replace("v1", "v2", StringComparison.Ordinal) },
                     call with { Signature = call.Signature!.Replace("k1=", "k2=", StringComparison.Ordinal) },
                     call with { Signature = null }, call with { Id = null }, call with { Time = null }, call with { Time = "+1" },
                     call with { Time = "0" + call.Time }, call with { Signature = "v1" }, call with { Signature = "" },
                 })
        {
            Assert.IsType<WebhookOutcome.Refused>(await VerifierOf(seen).VerifyAsync(moved, default));
        }
    }

    [Fact]
    public async Task A_thousand_replays_are_recognised_and_so_they_are_after_a_restart()
    {
        using (var seen = new WebhookIdFile(IdFile, _clock))
        {
            var verifier = VerifierOf(seen);
            for (var number = 0; number < 1000; number++)
            {
                Assert.IsType<WebhookOutcome.Accepted>(await verifier.VerifyAsync(CallOf($"whm_{number}"), default));
                Assert.IsType<WebhookOutcome.Replayed>(await verifier.VerifyAsync(CallOf($"whm_{number}"), default));
            }
        }

        using var after = new WebhookIdFile(IdFile, _clock);
        for (var number = 0; number < 1000; number++)
        {
            Assert.IsType<WebhookOutcome.Replayed>(await VerifierOf(after).VerifyAsync(CallOf($"whm_{number}"), default));
        }
    }

    [Fact]
    public async Task An_id_is_remembered_for_24_hours_and_forgotten_then()
    {
        using (var seen = new WebhookIdFile(IdFile, _clock))
        {
            await VerifierOf(seen).VerifyAsync(CallOf("whm_1"), default);
        }

        _clock.Advance(WebhookVerifier.Remembered - TimeSpan.FromSeconds(1));
        using (var seen = new WebhookIdFile(IdFile, _clock))
        {
            Assert.IsType<WebhookOutcome.Replayed>(await VerifierOf(seen).VerifyAsync(CallOf("whm_1", _clock.GetUtcNow()), default));
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        using var later = new WebhookIdFile(IdFile, _clock);
        Assert.Equal(0, new FileInfo(IdFile).Length);
    }

    [Fact]
    public async Task A_line_that_a_crash_cut_short_does_not_count()
    {
        await File.WriteAllTextAsync(IdFile, $"whm_1 {Signed.AddDays(1).ToUnixTimeSeconds()} \nwhm_2 {Signed.AddDays(1).ToUnixTimeSeconds()}");
        using var seen = new WebhookIdFile(IdFile, _clock);

        Assert.IsType<WebhookOutcome.Replayed>(await VerifierOf(seen).VerifyAsync(CallOf("whm_1"), default));
        Assert.IsType<WebhookOutcome.Accepted>(await VerifierOf(seen).VerifyAsync(CallOf("whm_2"), default));
    }

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-299, true)]
    [InlineData(0, true)]
    [InlineData(299, true)]
    [InlineData(301, false)]
    public async Task Clocks_may_be_five_minutes_apart(int seconds, bool isAccepted)
    {
        using var seen = new WebhookIdFile(IdFile, _clock);

        var outcome = await VerifierOf(seen).VerifyAsync(CallOf("whm_1", Signed.AddSeconds(seconds)), default);

        Assert.Equal(isAccepted, outcome is WebhookOutcome.Accepted);
    }

    [Fact]
    public async Task During_a_change_of_keys_the_old_and_the_new_one_are_accepted()
    {
        var both = CallOf("whm_1", keys: ["k1", "k2"]);
        foreach (var known in new[] { "k1", "k2" })
        {
            var verifier = new WebhookVerifier(
                new Dictionary<string, string>(StringComparer.Ordinal) { [known] = Keys[known] }, (_, _, _) => ValueTask.FromResult(true), _clock);

            Assert.IsType<WebhookOutcome.Accepted>(await verifier.VerifyAsync(both, default));
        }

        var newOnly = new WebhookVerifier(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["k2"] = Keys["k2"] }, (_, _, _) => ValueTask.FromResult(true), _clock);
        Assert.IsType<WebhookOutcome.Refused>(await newOnly.VerifyAsync(CallOf("whm_1", keys: ["k1"]), default));
    }

    [Fact]
    public async Task The_published_vectors_are_what_Palisade_signs_and_the_client_answers_them_rightly()
    {
        var published = Path.Combine(SampleFolder, "vectors.json");
        if (Environment.GetEnvironmentVariable("PALISADE_WRITE_VECTORS") == "1")
        {
            await File.WriteAllTextAsync(published, VectorsText());
        }

        Assert.Equal(VectorsText(), await File.ReadAllTextAsync(published));
        Assert.Empty(await WebhookSample.Verify.CheckVectorsAsync(published, IdFile));
    }

    [Theory]
    [InlineData("python3", "verify.py")]
    [InlineData("node", "verify.mjs")]
    public async Task The_samples_in_other_languages_answer_the_vectors_rightly(string program, string sample)
    {
        OptionalPart.Require(IsThere(program), $"{program}: apt-get install {program.Replace("node", "nodejs", StringComparison.Ordinal)}");

        using var run = Process.Start(new ProcessStartInfo(program, [Path.Combine(SampleFolder, sample), Path.Combine(SampleFolder, "vectors.json")])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var output = await run.StandardOutput.ReadToEndAsync();
        await run.WaitForExitAsync();

        Assert.True(run.ExitCode == 0, output);
        Assert.Contains(" 0 wrong", output, StringComparison.Ordinal);
    }

    private static string SampleFolder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Palisade.slnx")))
            {
                folder = folder.Parent!;
            }

            return Path.Combine(folder.FullName, "samples", "webhook");
        }
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Another character, one more, one fewer, or two exchanged; never the same text.</summary>
    private static string Changed(string text, Random random)
    {
        while (true)
        {
            var at = random.Next(text.Length);
            var changed = random.Next(4) switch
            {
                0 => text.Remove(at, 1).Insert(at, ((char)random.Next('!', '~' + 1)).ToString()),
                1 => text.Insert(at, ((char)random.Next('!', '~' + 1)).ToString()),
                2 => text.Remove(at, 1),
                _ => at == 0 ? text : text[..(at - 1)] + text[at] + text[at - 1] + text[(at + 1)..],
            };
            if (changed != text)
            {
                return changed;
            }
        }
    }

    private WebhookVerifier VerifierOf(WebhookIdFile seen) => new(Keys, seen.RememberAsync, _clock);

    private static WebhookRequest CallOf(string id, DateTimeOffset? time = null, string[]? keys = null, string body = Body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var signing = (keys ?? ["k1"]).Select(key => WebhookKey.TryParse(key, Keys[key])!);
        return new WebhookRequest(
            Method, PathAndQuery, id, (time ?? Signed).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            WebhookSignature.Of(signing, id, time ?? Signed, Method, PathAndQuery, bytes), bytes);
    }

    private static string VectorsText()
    {
        var now = Signed.ToUnixTimeSeconds();
        var plain = CallOf("whm_00000000000000000000000000000001");
        var umlaut = CallOf("whm_00000000000000000000000000000002", body: Body.Replace("4711", "f\u00fcr \u6c34", StringComparison.Ordinal));
        var calls = new[]
        {
            Vector("a true call", plain, "accepted"),
            Vector("the same once more", plain, "replayed"),
            Vector("the same, sent again later under a new time", CallOf(plain.Id!, Signed.AddSeconds(60)), "replayed"),
            Vector("letters of other scripts", umlaut, "accepted"),
            Vector("two keys while they are changed", CallOf("whm_00000000000000000000000000000003", keys: ["k1", "k2"]), "accepted"),
            Vector("the new key alone", CallOf("whm_00000000000000000000000000000004", keys: ["k2"]), "accepted"),
            Vector("a clock 299 seconds slow", CallOf("whm_00000000000000000000000000000005", Signed.AddSeconds(299)), "accepted"),
            Vector("a clock 301 seconds slow", CallOf("whm_00000000000000000000000000000006", Signed.AddSeconds(301)), "refused"),
            Vector("301 seconds old", CallOf("whm_00000000000000000000000000000007", Signed.AddSeconds(-301)), "refused"),
            Vector("another body", CallOf("whm_00000000000000000000000000000008") with { Body = "{}"u8.ToArray() }, "refused"),
            Vector("another path", CallOf("whm_00000000000000000000000000000009") with { PathAndQuery = "/hooks/palisade" }, "refused"),
            Vector("another method", CallOf("whm_0000000000000000000000000000000a") with { Method = "PUT" }, "refused"),
            Vector("another id", CallOf("whm_0000000000000000000000000000000b") with { Id = "whm_x" }, "refused"),
            Vector("another time", CallOf("whm_0000000000000000000000000000000c") with { Time = (now + 1).ToString(CultureInfo.InvariantCulture) }, "refused"),
            Vector("an unknown version", plain with { Signature = plain.Signature!.Replace("v1", "v9", StringComparison.Ordinal) }, "refused"),
            Vector("one key's signature under another's id", plain with { Signature = plain.Signature!.Replace("k1", "k2", StringComparison.Ordinal) }, "refused"),
            Vector("no signature", plain with { Signature = "" }, "refused"),
        };
        return JsonSerializer.Serialize(new { keys = Keys, calls }, AsFile) + "\n";

        object Vector(string name, WebhookRequest call, string expected) => new
        {
            name,
            now,
            method = call.Method,
            path = call.PathAndQuery,
            headers = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["palisade-webhook-id"] = call.Id,
                ["palisade-webhook-time"] = call.Time,
                ["palisade-webhook-signature"] = call.Signature,
            },
            body = Convert.ToBase64String(call.Body.Span),
            expected,
        };
    }
}
