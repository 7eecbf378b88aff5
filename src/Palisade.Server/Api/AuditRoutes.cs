using Microsoft.Net.Http.Headers;
using Palisade.Audit;
using Palisade.Audit.Tree;
using Palisade.Keys;

namespace Palisade.Server.Api;

/// <summary>
/// <c>/v1/audit/...</c>: the audit log as C2SP tlog-tiles serves it, for monitors of its owner: checkpoint, tiles, bundles.
/// </summary>
internal static class AuditRoutes
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/audit/checkpoint", ReadCheckpoint).Needs(ApiScopes.AuditRead).WithTags("Audit")
            .WithSummary("The last signed checkpoint of the audit log")
            .WithDescription(
                "A C2SP tlog-checkpoint with the log's signature and those of its witnesses. Any program that reads tlog-tiles " +
                "can follow the log from /v1/audit. The node that signs has it; others answer that nothing is kept here.")
            .Produces<string>(200, "text/plain");
        routes.MapGet("/v1/audit/tile/{**path}", ReadTile).Needs(ApiScopes.AuditRead).WithTags("Audit")
            .WithSummary("A tile of hashes, or a bundle of entries, of the audit log")
            .WithDescription("As C2SP tlog-tiles lays it out: 0/x001/234, entries/000.p/17.")
            .Produces<byte[]>(200, "application/octet-stream");
    }

    private static IResult ReadCheckpoint(HttpContext context, AuditSequencer sequencer)
    {
        if (sequencer.Tiles.ReadCheckpoint() is not { } note)
        {
            return Problem.AuditPartUnknown;
        }

        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        return Results.Text(note, "text/plain; charset=utf-8");
    }

    private static IResult ReadTile(string path, HttpContext context, AuditSequencer sequencer)
    {
        // Only the one written form of a tile's path is a path here, so it never leaves the log's folder.
        if (!TilePath.TryParse("tile/" + path, out var tile) || sequencer.Tiles.PathOf(tile) is var file && !File.Exists(file))
        {
            return Problem.AuditPartUnknown;
        }

        context.Response.Headers[HeaderNames.CacheControl] = "private, max-age=31536000, immutable";
        return Results.Bytes(File.ReadAllBytes(sequencer.Tiles.PathOf(tile)), "application/octet-stream");
    }
}
