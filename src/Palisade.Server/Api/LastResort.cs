using System.Security.Cryptography;
using Palisade.Audit;
using Palisade.Decoding;

namespace Palisade.Server.Api;

/// <summary>
/// The outermost part: gives each call its id, and turns everything that went wrong inside into one of the fixed
/// problems, so that no exception's text ever reaches a caller.
/// </summary>
public sealed class LastResort(RequestDelegate next, ILogger<LastResort> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = RandomNumberGenerator.GetHexString(16, lowercase: true);
        context.Response.Headers["X-Request-Id"] = context.TraceIdentifier;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";

        Problem? problem = null;
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.ContentLength is null && context.Response.ContentType is null)
            {
                problem = context.Response.StatusCode switch
                {
                    404 => Problem.NoSuchRoute,
                    405 => Problem.MethodNotAllowed,
                    415 => Problem.TypeNotSupported,
                    >= 400 => Problem.RequestNotValid,
                    _ => null,
                };
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has left; there is nobody to answer.
        }
        catch (AuditUnavailableException exception)
        {
            logger.LogError(exception, "Call {RequestId} was refused, since the audit log takes no entry", context.TraceIdentifier);
            problem = Problem.AuditUnavailable;
        }
        catch (DecoderBusyException)
        {
            problem = Problem.Overloaded;
        }
        catch (BadHttpRequestException exception)
        {
            problem = exception.StatusCode switch
            {
                408 => Problem.RequestTooSlow,
                413 => Problem.UploadTooLarge,
                415 => Problem.TypeNotSupported,
                _ => Problem.RequestNotValid,
            };
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Call {RequestId} failed", context.TraceIdentifier);
            problem = Problem.Unexpected;
        }

        if (problem is not null && !context.Response.HasStarted)
        {
            await problem.ExecuteAsync(context);
        }
    }
}
