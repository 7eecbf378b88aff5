using Scalar.AspNetCore;

namespace Palisade.Server.Api;

/// <summary>
/// <c>/openapi/v1.json</c> and a page at <c>/docs</c> to read it. Everything the page needs comes from this process, and a
/// content policy keeps it from asking anybody else.
/// </summary>
internal static class DocsRoutes
{
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        const string Why = "a description of the API, the same for everybody and part of the source";
        routes.MapOpenApi("/openapi/{documentName}.json").IsOpen(Why);
        routes.MapScalarApiReference("/docs", options =>
        {
            options.Title = "Palisade API";
            options.OpenApiRoutePattern = "/openapi/{documentName}.json";
            options.DefaultFonts = false;
            options.Telemetry = false;

            // What the page offers beyond reading would send the reader, or what is read, to its maker's services.
            options.HideDeveloperTools().DisableAgent().DisableMcp().HideClientButton();
            options.EnableDarkMode().AddPreferredSecuritySchemes(ApiDescription.KeyScheme);
        }).IsOpen(Why);
    }

    /// <summary>Put before the page, since the page's own route writes its answer at once.</summary>
    internal static Task AddContentPolicy(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
        }

        return next(context);
    }
}
