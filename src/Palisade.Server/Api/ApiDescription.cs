using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Palisade.Server.Api;

/// <summary>What the OpenAPI document says beyond the routes' own words: parts of an upload, keys, scopes, problems.</summary>
internal static class ApiDescription
{
    internal const string KeyScheme = "apiKey";

    /// <summary>The text parts that an upload may have beside its file.</summary>
    private sealed record UploadParts(string[] Fields, bool IsFileNeeded);

    internal static RouteHandlerBuilder DescribesUpload(
        this RouteHandlerBuilder route, string[] fields, bool isFileNeeded = true) =>
        route.WithMetadata(new UploadParts(fields, isFileNeeded));

    internal static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Palisade";
            document.Info.Description =
                "Verdicts for uploads. Every call states the scope that its API key needs; every error is one of a fixed list.";
            document.Servers?.Clear();
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [KeyScheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An API key, pal_..., made by `palisade key create`.",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<RouteAccess.WithScope>().FirstOrDefault() is { } access)
            {
                operation.Description = $"Scope `{access.Scope}`. {operation.Description}".TrimEnd();
                operation.Security =
                [
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, context.Document)] = [] },
                ];
            }

            if (metadata.OfType<UploadParts>().FirstOrDefault() is { } parts)
            {
                operation.RequestBody = BodyOf(parts);
            }

            operation.Responses ??= [];
            operation.Responses["4XX"] = new OpenApiResponse { Description = "A problem from the fixed list (RFC 9457)." };
            operation.Responses["503"] = new OpenApiResponse
            {
                Description = "Busy or not ready: never a verdict. Try again after the time in Retry-After.",
            };
            return Task.CompletedTask;
        });
    }

    private static OpenApiRequestBody BodyOf(UploadParts parts)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(parts.IsFileNeeded ? ["file", "service"] : ["service"], StringComparer.Ordinal),
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["file"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
            },
        };
        foreach (var field in parts.Fields)
        {
            schema.Properties[field] = new OpenApiSchema { Type = JsonSchemaType.String };
        }

        return new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["multipart/form-data"] = new OpenApiMediaType { Schema = schema },
            },
        };
    }
}
