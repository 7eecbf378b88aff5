using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace Palisade.Server.Api;

/// <summary>
/// Reads away the rest of an upload that was refused while it arrived. Closing at once would reset the connection, and a
/// sender who is still sending would then see a broken connection and not the answer, and try again for ever.
/// </summary>
/// <remarks>Nothing is kept of it, and both the bytes and the time are bounded: beyond them the connection is closed.</remarks>
internal static class Lingering
{
    /// <summary>Most bytes read away. A 200 MB upload passes, which is what a sender may well try.</summary>
    public const long MaxBytes = 256L << 20;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(15);

    /// <summary>To be called when the answer is written.</summary>
    public static async Task ReadRestAsync(HttpContext context)
    {
        if (!context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody)
        {
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // Nothing was read yet: whoever waits for our leave to send has the answer instead and sends nothing.
            if (context.Request.Headers.Expect.Count > 0)
            {
                return;
            }

            limit.MaxRequestBodySize = null;
        }

        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        using var timeout = new CancellationTokenSource(MaxTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            await context.Response.CompleteAsync();
            for (var left = MaxBytes; left > 0;)
            {
                var read = await context.Request.Body.ReadAsync(buffer, either.Token);
                if (read == 0)
                {
                    break;
                }

                left -= read;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The sender has left, is too slow, or sends beyond every bound: it was told.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
