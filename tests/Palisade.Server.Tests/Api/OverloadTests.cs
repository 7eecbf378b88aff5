using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Palisade.Keys;
using Palisade.Server.Api;

namespace Palisade.Server.Tests.Api;

public sealed class OverloadTests
{
    [Fact]
    public async Task A_full_service_says_when_to_come_back_and_never_a_verdict()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Limits = options.Limits with { MaxUploadsInFlight = 1, RetryAfter = TimeSpan.FromSeconds(7) },
        });
        using var client = await service.ClientAsync(ApiScopes.Scan);
        var file = await service.EncodeAsync(Drawing.Of(1));
        var admission = service.App.Services.GetRequiredService<UploadAdmission>();

        using (admission.TryEnter(declaredBytes: 1))
        {
            using var refused = await client.PostAsync("/v1/scan", RunningService.Form(file));
            Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter?.Delta);
            Assert.Same(Problem.Overloaded, await Task.FromResult(refused).ProblemAsync());
        }

        Assert.Equal("allow", (await client.PostAsync("/v1/scan", RunningService.Form(file)).JsonAsync()).Verdict());
    }

    [Fact]
    public async Task Memory_is_set_aside_before_the_first_byte_and_given_back_when_the_sender_leaves()
    {
        await using var service = await RunningService.StartAsync();
        var admission = service.App.Services.GetRequiredService<UploadAdmission>();
        var key = await service.KeyAsync([ApiScopes.Scan]);

        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(System.Net.IPAddress.Loopback, service.Address.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"POST /v1/scan HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n" +
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n--b\r\n"));
            await UntilAsync(() => admission.BytesInFlight == 5_000_000);
        }

        await UntilAsync(() => admission is { BytesInFlight: 0, UploadsInFlight: 0 });
        Assert.Equal(0, admission.BytesInFlight);
    }

    [Fact]
    public async Task A_decoder_whose_queue_is_full_is_no_verdict()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Decoder = options.Decoder with { Workers = 1, QueueLength = 1 },
        });
        using var client = await service.ClientAsync(ApiScopes.Scan);
        var large = await service.EncodeAsync(Drawing.Of(1, 2400, 1800), "png");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => client.PostAsync("/v1/scan", RunningService.Form(large))));

        // Each of them: looked at and allowed, or told to come back. At least one had to be told.
        Assert.Contains(answers, answer => (int)answer.StatusCode == 503 && answer.Headers.RetryAfter is not null);
        foreach (var answer in answers)
        {
            if ((int)answer.StatusCode == 200)
            {
                Assert.Equal("allow", (await Task.FromResult(answer).JsonAsync()).Verdict());
            }
            else
            {
                Assert.Same(Problem.Overloaded, await Task.FromResult(answer).ProblemAsync());
            }
        }
    }

    [Fact]
    public async Task A_key_that_calls_too_often_is_slowed_and_others_are_not()
    {
        await using var service = await RunningService.StartAsync(options => options with
        {
            Limits = options.Limits with { CallsPerSecondPerKey = 1, CallBurstPerKey = 3 },
        });
        using var eager = await service.ClientAsync(ApiScopes.BanksRead);
        using var other = await service.ClientAsync(ApiScopes.BanksRead);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await eager.GetAsync("/v1/banks")).StatusCode));

        Assert.Contains((System.Net.HttpStatusCode)429, statuses);
        await other.GetAsync("/v1/banks").JsonAsync();
    }

    [Fact]
    public void Admission_counts_uploads_and_bytes_and_takes_the_largest_for_a_length_unknown()
    {
        var admission = new UploadAdmission(new() { MaxUploadBytes = 1000, MaxBytesInFlight = 2500, MaxUploadsInFlight = 10 });

        using var first = admission.TryEnter(declaredBytes: null);
        using var second = admission.TryEnter(declaredBytes: 1200);
        var third = admission.TryEnter(declaredBytes: 501);
        var fourth = admission.TryEnter(declaredBytes: 500);

        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(third);
        Assert.NotNull(fourth);
        fourth.Dispose();
        fourth.Dispose();
        Assert.Equal(2000, admission.BytesInFlight);
        Assert.Equal(2, admission.UploadsInFlight);
    }

    /// <summary>Looks until it is so; a test that waits in vain is ended by the runner's own limit.</summary>
    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Yield();
        }
    }
}
